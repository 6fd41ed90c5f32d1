// Purpose: ten handoffs, each on every surface where a person meets it, as one text that a person can read.
// The texts are kept beside this file; whoever changes what people read reads it here:
//   BATON_WRITE_GOLDEN=1 surfaces_test      writes them anew; `git diff` shows what became of them
#include <cstdlib>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "gateway/app/handoff_text.h"
#include "gateway/base/date.h"
#include "gateway/base/text.h"
#include "tests/week/town.h"

namespace baton::town {
namespace {

using nlohmann::json;

std::string here() { return std::string(BATON_SOURCE_DIR) + "/tests/brief/surfaces/"; }

std::string file_text(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

// --- each surface as it is read, from above to below

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
  return text;
}

std::string ticket_text(const json& ticket) {
  auto text = "subject:  " + ticket.at("subject").get<std::string>() + "\n" +
              "priority: " + JsonView(ticket)["priority"].text("none") +
              ", type: " + JsonView(ticket)["type"].text("none") + ", tags:";
  for (const auto& tag : ticket.at("tags")) text += " " + tag.get<std::string>();
  const auto& note = ticket.at("comments").at(0);
  text += "\n\n" + replaced(note.at("html_body").get<std::string>(), "<br>", "<br>\n") + "\n";
  return text;
}

std::string buttons(const json& elements) {
  std::string text;
  for (const auto& one : elements) text += "[" + JsonView(one).at_path("text.text").text() + "] ";
  return text;
}

std::string slack_text(const json& message) {
  auto text = "notification: " + message.at("text").get<std::string>() + "\n\n";
  for (const auto& block : message.at("blocks")) {
    const JsonView view(block);
    const auto type = view["type"].text();
    if (type == "header") text += "# " + view.at_path("text.text").text() + "\n";
    if (type == "section" && view["text"].object()) text += view.at_path("text.text").text() + "\n";
    for (const auto& field : items(view["fields"])) text += replaced(field["text"].text(), "\n", " ") + " | ";
    if (view["fields"].list()) text += "\n";
    if (type == "context") {
      for (const auto& one : items(view["elements"])) text += "(" + one["text"].text() + ")\n";
    }
    if (type == "actions") text += buttons(block.at("elements")) + "\n";
    text += "--\n";
  }
  return text;
}

// Signs that Teams would take for markup stand behind a backslash, which nobody sees.
std::string without_escapes(const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size()) ++i;
    out += text[i];
  }
  return out;
}

std::string teams_text(const json& message) {
  std::string text;
  for (const auto& item : message.at("card").at("body")) {
    const JsonView view(item);
    const auto type = view["type"].text();
    if (type == "TextBlock") text += view["text"].text() + "\n";
    for (const auto& fact : items(view["facts"]))
      text += fact["title"].text() + ": " + fact["value"].text() + "\n";
    if (type == "Container") {
      text += "(behind a button)\n";
      for (const auto& line : items(view["items"])) text += "  " + line["text"].text() + "\n";
    }
    text += "--\n";
  }
  for (const auto& action : message.at("actions")) text += "[" + JsonView(action)["title"].text() + "] ";
  return without_escapes(text) + "\n";
}

std::string chapter(const std::string& title, const std::string& text) {
  return "\n========== " + title + "\n\n" + text;
}

// --- one handoff, from the request to the return

class Scene {
 public:
  explicit Scene(const json& told) : told_(told), town_(plan()) {}

  std::string play() {
    const auto& data = told_.at("data");
    town_.run_for(1s);
    handoff_ = *town_.await(town_.says("e1", "handoff.requested", "c-" + name(), data));
    town_.run_for(20s);
    const auto before = surfaces();
    take_and_solve();
    return "# " + name() + ", " + told_.at("at").get<std::string>() + ": as each person reads it\n" +
           chapter("the customer, in the chat", customer_text()) + before +
           chapter("baton handoff show, at the end", timeline());
  }

 private:
  std::string name() const { return told_.at("name").get<std::string>(); }
  Plan plan() const {
    Plan plan;
    plan.starts = *parse_rfc3339(told_.at("at").get<std::string>());
    plan.configuration = file_text(here() + "town.yaml");
    plan.known[told_.at("data").at("customer").at("email").get<std::string>()] = told_.at("known");
    return plan;
  }
  json body_of(const std::string& target) {
    const auto reply = town_.await(town_.calls("GET", target));
    EXPECT_EQ(reply->status, 200) << reply->body;
    return json::parse(reply->body);
  }

  std::string surfaces() {
    const auto brief = "/v1/handoffs/" + handoff_.text + "/brief?surface=";
    const auto api = body_of(brief + "api"), cli = body_of(brief + "cli");
    return chapter("ticket in Zendesk", ticket_text(town_.ledger(kDesk).at("tickets").at(0))) +
           chapter("card in Slack", slack_text(town_.ledger(kSlack).at("messages").at(0))) +
           chapter("card in Teams", teams_text(town_.ledger(kTeams).at("messages").at(0))) +
           chapter("brief through the API", api.at("text").get<std::string>() + "completeness: " +
                                                std::to_string(api.at("completeness").get<int>()) + " %\n") +
           chapter("baton handoff brief", app::brief_text(JsonView(cli)));
  }

  // The id that the clock and chance made says nothing to a reader.
  std::string timeline() {
    const auto body = body_of("/v1/handoffs/" + handoff_.text + "/timeline");
    return replaced(app::timeline_text(JsonView(body)), handoff_.text, "hof_...");
  }

  void take_and_solve() {
    const auto agent = told_.at("agent").get<std::string>();
    const json ticket = town_.ledger(kDesk).at("tickets").at(0).at("id");
    const json card = town_.ledger(kSlack).at("messages").at(0);
    EXPECT_TRUE(*town_.await(town_.does(kSlack, "click",
                                        {{"channel", "C0HANDOFFS"},
                                         {"ts", card.at("ts")},
                                         {"user", "U0" + to_upper(agent)},
                                         {"action_id", "baton_claim"}})));
    town_.run_for(40s);
    const auto by = agent + "@acme.example";
    const auto says = [&](const char* what, const char* text) {
      json deed = {{"ticket", ticket}, {"by", by}, {"text", told_.at(text)}, {"public", true}};
      EXPECT_TRUE(*town_.await(town_.does(kDesk, what, std::move(deed))));
      town_.run_for(3min);
    };
    says("comment", "reply");
    says("solve", "solution");
  }
  static std::string to_upper(std::string text) {
    for (char& c : text) c = static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
    return text;
  }

  std::string customer_text() {
    std::string text;
    for (const auto& message : told_.at("data").at("transcript")) {
      text += message.at("at").get<std::string>().substr(11, 5) + "  " +
              (message.at("role") == "customer" ? "you: " : "AI:  ") + message.at("text").get<std::string>() +
              "\n";
    }
    const auto start = *parse_rfc3339(told_.at("at").get<std::string>());
    const auto heard = town_.ledger(kPlatform);
    for (const auto& event : heard.at("events")) {
      const JsonView body(event.at("body"));
      const auto at = parse_rfc3339(body["timestamp"].text()).value_or(start);
      const auto said = body.at_path("data.text").text();
      if (said.empty()) continue;
      const auto by = body.at_path("data.by.name").text();
      const bool relayed = body["type"].text() == "handoff.message" && !by.empty();
      text += to_rfc3339(at).substr(11, 5) + "  " + (relayed ? by + ": " : "AI:  ") + said + "\n";
    }
    return text;
  }

  const json& told_;
  Town town_;
  HandoffId handoff_;
};

// The first line that differs, with what stood there.
std::string difference(const std::string& was, const std::string& is) {
  const auto before = split(was, '\n'), now = split(is, '\n');
  for (std::size_t i = 0; i < std::max(before.size(), now.size()); ++i) {
    const auto old_line = i < before.size() ? before[i] : "(the end)";
    const auto new_line = i < now.size() ? now[i] : "(the end)";
    if (old_line != new_line)
      return "line " + std::to_string(i + 1) + "\n- " + std::string(old_line) + "\n+ " +
             std::string(new_line);
  }
  return {};
}

TEST(Surfaces, are_as_somebody_read_them) {
  const auto all = json::parse(file_text(here() + "handoffs.json"));
  ASSERT_EQ(all.size(), 10u);
  for (const auto& told : all) {
    const auto path = here() + told.at("name").get<std::string>() + ".txt";
    const auto text = Scene(told).play();
    if (std::getenv("BATON_WRITE_GOLDEN")) std::ofstream(path) << text;
    EXPECT_EQ(difference(file_text(path), text), "")
        << path << "\nread it; if it is better so: BATON_WRITE_GOLDEN=1";
  }
}

}  // namespace
}  // namespace baton::town
