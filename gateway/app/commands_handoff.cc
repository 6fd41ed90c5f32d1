// handoff list|show|brief|claim|release|resolve|return|decline|pass-on|feedback, delivery list, dead-letter
// list|count|replay: all through the admin API of a running gateway.
#include <iostream>
#include <memory>

#include <CLI/CLI.hpp>

#include "gateway/app/ask.h"
#include "gateway/app/commands.h"
#include "gateway/app/handoff_text.h"
#include "gateway/base/json_view.h"
#include "gateway/base/text.h"
#include "gateway/model/signal.h"

namespace baton::app {
namespace {

using nlohmann::json;

ExitCode list_handoffs(const Context& context, const std::string& state) {
  const auto target = "/v1/handoffs" + (state.empty() ? std::string() : "?state=" + percent_encode(state));
  return ask(context, "GET", target, nullptr, [](JsonView body) {
    std::vector<std::vector<std::string>> rows;
    for (const auto& one : items(body["handoffs"])) {
      const bool confidential = one["confidential"].boolean().value_or(false);
      rows.push_back({one["id"].text(), one["state"].text() + (confidential ? ", confidential" : ""),
                      one["priority"].text(), one["conversation"].text(), one["owner"]["name"].text("-"),
                      one["ticket"]["number"].text(one["ticket"]["id"].text("-")),
                      one["requested_at"].text()});
    }
    if (rows.empty()) std::cout << "no handoffs\n";
    else print_table({"HANDOFF", "STATE", "PRIORITY", "CONVERSATION", "OWNER", "TICKET", "REQUESTED"}, rows);
  });
}

ExitCode show_handoff(const Context& context, const std::string& id) {
  return ask(context, "GET", "/v1/handoffs/" + percent_encode(id) + "/timeline", nullptr,
             [](JsonView body) { std::cout << timeline_text(body); });
}

ExitCode show_brief(const Context& context, const std::string& id) {
  const auto target = "/v1/handoffs/" + percent_encode(id) + "/brief?surface=cli";
  return ask(context, "GET", target, nullptr, [](JsonView body) { std::cout << brief_text(body); });
}

ExitCode act(const Context& context, const std::string& id, const std::string& verb, const std::string& by,
             json body = json::object()) {
  if (!by.empty()) body["by"] = body["name"] = by;
  return ask(context, "POST", "/v1/handoffs/" + percent_encode(id) + "/" + verb, body, [](JsonView answer) {
    std::cout << answer["id"].text() << " is " << answer["state"].text()
              << (answer["owner"].object() ? ", " + answer["owner"]["name"].text() + " has it" : "") << '\n';
  });
}

void print_deliveries(JsonView body) {
  std::vector<std::vector<std::string>> rows;
  for (const auto& one : items(body["deliveries"])) {
    rows.push_back({one["delivery"].text(), one["state"].text(), one["attempts"].id().value_or("0"),
                    one["receipt"]["id"].text("-"), one["failure"]["detail"].text()});
  }
  if (rows.empty()) std::cout << "none\n";
  else print_table({"DELIVERY", "STATE", "ATTEMPTS", "RECEIPT", "FAILURE"}, rows);
  if (const auto next = body["next"].id()) std::cout << "more: --after " << *next << '\n';
}

struct Filter {
  std::string destination, operation, failure, state, from, to, after;

  json body() const {
    auto to_json = json::object();
    const auto put = [&](const char* key, const std::string& value) {
      if (!value.empty()) to_json[key] = value;
    };
    put("destination", destination);
    put("operation", operation);
    put("failure", failure);
    put("from", from);
    put("to", to);
    return to_json;
  }
  std::string query() const {
    auto parts = body();
    if (!state.empty()) parts["state"] = state;
    if (!after.empty()) parts["after"] = after;
    std::string text;
    for (const auto& [key, value] : parts.items()) {
      text += (text.empty() ? "?" : "&") + key + "=" + percent_encode(value.get<std::string>());
    }
    return text;
  }
};

void add_filter(CLI::App* command, Filter& filter) {
  command->add_option("--destination", filter.destination, "Only of this destination");
  command->add_option("--operation", filter.operation, "Only this operation, such as open_ticket");
  command->add_option("--failure", filter.failure, "Only with this failure kind, such as rejected");
  command->add_option("--from", filter.from, "Made at or after, 2026-09-01T00:00:00Z");
  command->add_option("--to", filter.to, "Made before");
}

// One by its key; or all of a filter, after the count was shown and said again with --yes.
ExitCode replay(const Context& context, const std::string& key, const Filter& filter, const std::string& why,
                bool yes) {
  const auto say = [](JsonView answer) {
    std::cout << answer["replayed"].id().value_or("0") << " sent again";
    const auto skipped = answer["skipped"].integer().value_or(0);
    if (skipped > 0) std::cout << ", " << skipped << " were no dead letters any more";
    std::cout << '\n';
  };
  if (!key.empty()) {
    return ask(context, "POST", "/v1/dead-letters/replay", {{"delivery", key}, {"why", why}}, say);
  }
  if (filter.body().empty()) {
    return complain(ExitCode::usage,
                    "an empty filter would replay everything: name a destination, an operation, "
                    "a failure or a time range, or one delivery");
  }
  const auto counted = ask_admin(context, "POST", "/v1/dead-letters/count", {{"filter", filter.body()}});
  if (!counted) return complain(ExitCode::unreachable, counted.error().detail);
  if (const auto refused = complain_about(*counted)) return *refused;
  const auto count = JsonView(counted->body)["count"].integer().value_or(0);
  if (!yes) {
    std::cout << count << " dead letters match; with --yes they are sent again\n";
    return ExitCode::ok;
  }
  return ask(context, "POST", "/v1/dead-letters/replay",
             {{"filter", filter.body()}, {"count", count}, {"why", why}}, say);
}

void add_pass_on(CLI::App& handoff, Context& context, Chosen& chosen) {
  auto id = std::make_shared<std::string>();
  auto by = std::make_shared<std::string>();
  auto to = std::make_shared<std::string>();
  auto why = std::make_shared<std::string>();
  auto* command = handoff.add_subcommand("pass-on", "To another team, with a reason");
  command->add_option("id", *id, "hof_...")->required();
  command->add_option("--to", *to, "A team of the configuration; default: the same one's queue");
  command->add_option("--why", *why, "The next person reads it")->required();
  command->add_option("--by", *by, "Who; default: the token's owner");
  command->callback([&context, &chosen, id, by, to, why] {
    chosen = [&context, id, by, to, why] {
      json body = {{"why", *why}};
      if (!to->empty()) body["to"] = *to;
      return act(context, *id, "pass-on", *by, std::move(body));
    };
  });
}

void add_decline(CLI::App& handoff, Context& context, Chosen& chosen) {
  auto id = std::make_shared<std::string>();
  auto by = std::make_shared<std::string>();
  auto why = std::make_shared<std::string>();
  auto* command = handoff.add_subcommand("decline", "A member cannot take it: the next is asked");
  command->add_option("id", *id, "hof_...")->required();
  command->add_option("--why", *why, "The others read it");
  command->add_option("--by", *by, "Who; default: the token's owner");
  command->callback([&context, &chosen, id, by, why] {
    chosen = [&context, id, by, why] { return act(context, *id, "decline", *by, {{"why", *why}}); };
  });
}

struct HandBack {
  std::string id, by, text;
  std::vector<std::string> did, follow_ups;
};

void add_return(CLI::App& handoff, Context& context, Chosen& chosen) {
  auto said = std::make_shared<HandBack>();
  auto* command = handoff.add_subcommand("return", "Back to the AI, with what was done and is still to do");
  command->add_option("id", said->id, "hof_...")->required();
  command->add_option("--text", said->text, "How it ended: what the AI is told")->required();
  command->add_option("--did", said->did, "What was done; may be given several times")
      ->allow_extra_args(false);
  command
      ->add_option("--follow-up", said->follow_ups, "What the AI has still to do; may be given several times")
      ->allow_extra_args(false);
  command->add_option("--by", said->by, "Who; default: the token's owner");
  command->callback([&context, &chosen, said] {
    chosen = [&context, said] {
      return act(context, said->id, "return", said->by,
                 {{"text", said->text}, {"did", said->did}, {"follow_ups", said->follow_ups}});
    };
  });
}

void add_feedback(CLI::App& handoff, Context& context, Chosen& chosen) {
  auto id = std::make_shared<std::string>();
  auto by = std::make_shared<std::string>();
  auto fault = std::make_shared<std::string>();
  auto text = std::make_shared<std::string>();
  auto* command = handoff.add_subcommand("feedback", "What was wrong with the handoff itself");
  command->add_option("id", *id, "hof_...")->required();
  command->add_option("fault", *fault, join(std::vector<std::string>(kFaults.begin(), kFaults.end()), ", "))
      ->required();
  command->add_option("--text", *text, "Which context was missing, which team would have been right");
  command->add_option("--by", *by, "Who; default: the token's owner");
  command->callback([&context, &chosen, id, by, fault, text] {
    chosen = [&context, id, by, fault, text] {
      return act(context, *id, "feedback", *by, {{"fault", *fault}, {"text", *text}});
    };
  });
}

void add_handoff(CLI::App& app, Context& context, Chosen& chosen) {
  auto id = std::make_shared<std::string>();
  auto by = std::make_shared<std::string>();
  auto* handoff = app.add_subcommand("handoff", "Conversations on their way")->require_subcommand(1);
  auto* list = handoff->add_subcommand("list", "Newest first");
  list->add_option("--state", *by, "Only in this state");
  list->callback(
      [&context, &chosen, by] { chosen = [&context, by] { return list_handoffs(context, *by); }; });
  auto* show = handoff->add_subcommand("show", "Every step with its time");
  show->add_option("id", *id, "hof_...")->required();
  show->callback([&context, &chosen, id] { chosen = [&context, id] { return show_handoff(context, *id); }; });
  auto* brief = handoff->add_subcommand("brief", "Who, wanted, went wrong, tried, next");
  brief->add_option("id", *id, "hof_...")->required();
  brief->callback([&context, &chosen, id] { chosen = [&context, id] { return show_brief(context, *id); }; });
  add_pass_on(*handoff, context, chosen);
  add_decline(*handoff, context, chosen);
  add_return(*handoff, context, chosen);
  add_feedback(*handoff, context, chosen);
  for (const auto& [verb, help] :
       {std::pair{"claim", "Takes it"}, {"release", "Gives it back"}, {"resolve", "Solved"}}) {
    auto* command = handoff->add_subcommand(verb, help);
    command->add_option("id", *id, "hof_...")->required();
    command->add_option("--by", *by, "Who; default: the token's owner");
    const std::string word = verb;
    command->callback([&context, &chosen, id, by, word] {
      chosen = [&context, id, by, word] { return act(context, *id, word, *by); };
    });
  }
}

void add_dead_letters(CLI::App& app, Context& context, Chosen& chosen) {
  auto key = std::make_shared<std::string>();
  auto why = std::make_shared<std::string>();
  auto filter = std::make_shared<Filter>();
  auto yes = std::make_shared<bool>(false);
  auto* dead = app.add_subcommand("dead-letter", "Deliveries that need a person")->require_subcommand(1);
  auto* list = dead->add_subcommand("list", "All, or of a filter");
  add_filter(list, *filter);
  list->callback([&context, &chosen, filter] {
    chosen = [&context, filter] {
      return ask(context, "GET", "/v1/dead-letters" + filter->query(), nullptr, print_deliveries);
    };
  });
  auto* again = dead->add_subcommand("replay", "Sends one, or all of a filter, again");
  again->add_option("delivery", *key, "One delivery's key");
  add_filter(again, *filter);
  again->add_option("--why", *why, "For the audit log")->required();
  again->add_flag("--yes", *yes, "Do it, after the count was shown");
  again->callback([&context, &chosen, key, filter, why, yes] {
    chosen = [&context, key, filter, why, yes] { return replay(context, *key, *filter, *why, *yes); };
  });
}

}  // namespace

void add_handoff_commands(CLI::App& app, Context& context, Chosen& chosen) {
  add_handoff(app, context, chosen);
  add_dead_letters(app, context, chosen);

  auto filter = std::make_shared<Filter>();
  auto* delivery = app.add_subcommand("delivery", "Single operations at destinations")->require_subcommand(1);
  auto* list = delivery->add_subcommand("list", "Oldest first");
  add_filter(list, *filter);
  list->add_option("--state", filter->state, "pending, done, failed or dead");
  list->add_option("--after", filter->after, "Continue after this position");
  list->callback([&context, &chosen, filter] {
    chosen = [&context, filter] {
      return ask(context, "GET", "/v1/deliveries" + filter->query(), nullptr, print_deliveries);
    };
  });
}

}  // namespace baton::app
