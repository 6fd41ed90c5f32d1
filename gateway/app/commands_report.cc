// report: the figures of /v1/metrics/handoff as a table, JSON or CSV.
#include <iostream>
#include <memory>

#include <CLI/CLI.hpp>

#include "gateway/app/ask.h"
#include "gateway/app/commands.h"
#include "gateway/base/json_view.h"
#include "gateway/base/text.h"

namespace baton::app {
namespace {

using Row = std::vector<std::string>;

struct ReportQuestion {
  std::string by, from, to, format;

  std::string target() const {
    std::string query = "/v1/metrics/handoff?by=" + percent_encode(by);
    if (!from.empty()) query += "&from=" + percent_encode(from);
    if (!to.empty()) query += "&to=" + percent_encode(to);
    return query;
  }
};

// "4 min", "1.5 h"; nothing was measured: "-".
std::string spoken(JsonView milliseconds) {
  const auto given = milliseconds.integer();
  if (!given) return "-";
  const auto seconds = static_cast<double>(*given) / 1000;
  const auto rounded = [](double value, const char* unit) {
    auto text = std::to_string(value);
    text.resize(text.find('.') + (value < 10 ? 2 : 0));
    return text + unit;
  };
  if (seconds < 120) return rounded(seconds, " s");
  if (seconds < 7200) return rounded(seconds / 60, " min");
  return rounded(seconds / 3600, " h");
}

std::string percent(JsonView share) {
  const auto value = share.number();
  if (!value) return "-";
  const auto tenths = static_cast<int>(*value * 1000 + 0.5);
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " %";
}

std::string figure_of(JsonView figures, std::string_view member) {
  return figures[member].id().value_or("0");
}

Row group_row(std::string name, JsonView of) {
  return {std::move(name),
          figure_of(of, "handoffs"),
          figure_of(of, "open"),
          spoken(of["time_to_claim"]["p50_ms"]),
          spoken(of["time_to_claim"]["p90_ms"]),
          spoken(of["time_to_first_reply"]["p50_ms"]),
          spoken(of["time_to_resolution"]["p50_ms"]),
          spoken(of["handle_time"]["p50_ms"]),
          percent(of["claimed_within_3min"]),
          percent(of["abandonment"]),
          percent(of["back_in_7d"]),
          percent(of["context_completeness"]),
          percent(of["satisfaction"]["satisfied"])};
}

std::string rated(JsonView satisfaction) {
  const auto ratings = figure_of(satisfaction, "count");
  return ratings == "0" ? "nobody rated" : percent(satisfaction["satisfied"]) + " satisfied of " + ratings;
}

// The rate beside what is usual, one's own past and how people liked it: alone it is no number to push.
void print_rate(JsonView body) {
  const auto ai = body["ai"], earlier = body["earlier"], compared = body["compared"];
  if (!ai["handoff_rate"].number()) return;
  std::cout << "Handed over: " << percent(ai["handoff_rate"]) << " of all conversations (usual are "
            << percent(ai["usual_handoff_rate"]["from"]) << " to " << percent(ai["usual_handoff_rate"]["to"])
            << ")";
  if (earlier["ai"]["handoff_rate"].number())
    std::cout << "; as long a time before: " << percent(earlier["ai"]["handoff_rate"]) << ", "
              << rated(earlier["satisfaction"]);
  std::cout << '\n';
  const auto reading = compared["reading"].text();
  if (reading == "better") std::cout << "Better than before: people are not less satisfied with it\n";
  if (reading == "worse") std::cout << "Worse than before: people are less satisfied\n";
}

void print_repetition(JsonView asked_again) {
  if (figure_of(asked_again, "handoffs") == "0") return;
  std::vector<std::string> kinds;
  if (const auto counts = asked_again["kinds"]; counts.object()) {
    for (const auto& [kind, count] : counts.raw()->items()) kinds.push_back(kind + " " + count.dump());
  }
  std::cout << "Asked again for what was given: " << percent(asked_again["share"]) << " of "
            << figure_of(asked_again, "answered") << " answered (" << join(kinds, ", ") << ")\n";
}

void print_doubts(std::string_view what, JsonView list) {
  for (const auto& one : items(list))
    std::cout << what << ": " << one["handoff"].text() << ", rule " << one["rule"].text("none") << ", "
              << one["why"].text() << '\n';
}

// What a table of groups does not show: the AI's own conversations beside how people liked them, moods, and
// what gets worse.
void print_remarks(JsonView body) {
  const auto all = body["all"], ai = body["ai"], sentiment = all["sentiment"];
  std::cout << '\n';
  print_rate(body);
  if (figure_of(ai, "resolved") != "0") {
    std::cout << "The AI alone: " << figure_of(ai, "resolved") << " conversations solved ("
              << percent(ai["resolution_rate"]) << "), " << rated(ai["satisfaction"])
              << "; handed over: " << rated(all["satisfaction"]) << '\n';
  }
  const auto mood = [&](const char* point) {
    const auto value = sentiment[point];
    return value.number() ? value.raw()->dump() : std::string("-");
  };
  if (sentiment["before"].number())
    std::cout << "Sentiment before, after the claim, at the end: " << mood("before") << ", "
              << mood("after_claim") << ", " << mood("at_end") << "; fell in "
              << figure_of(sentiment, "fell_in_transfer") << '\n';
  print_repetition(all["asked_again"]);
  if (figure_of(all, "bounced") != "0")
    std::cout << "To and fro: " << figure_of(all, "bounced")
              << " handoffs of conversations that keep coming back\n";
  for (const auto& topic : items(body["topics"])) {
    if (topic["gap"].boolean() == true)
      std::cout << "A gap of the AI: " << topic["category"].text() << " is " << percent(topic["share"])
                << " of all\n";
    if (topic["improved"].boolean() != false) continue;
    std::cout << "No improvement: " << topic["category"].text() << ", " << figure_of(topic, "earlier")
              << " before, " << figure_of(topic, "later") << " now\n";
  }
  print_doubts("Handed over for nothing, agents say", body["calibration"]["unnecessary"]);
  print_doubts("Handed over late", body["calibration"]["kept_too_long"]);
  for (const auto& account : items(body["accounts_rising"]))
    std::cout << "Asks more often: " << account["account"].text() << ", " << figure_of(account, "earlier")
              << " before, " << figure_of(account, "later") << " now\n";
}

void print_report(JsonView body) {
  std::vector<Row> rows;
  for (const auto& group : items(body["groups"])) rows.push_back(group_row(group["name"].text(), group));
  rows.push_back(group_row("all", body["all"]));
  print_table({"", "HANDOFFS", "OPEN", "CLAIM p50", "p90", "REPLY p50", "SOLVED p50", "HANDLING p50",
               "IN 3 MIN", "ABANDONED", "BACK IN 7 D", "CONTEXT", "SATISFIED"},
              rows);
  print_remarks(body);
}

// RFC 4180. A cell that a spreadsheet would take for a formula is made text.
std::string cell(std::string text) {
  if (!text.empty() && std::string_view("=+-@\t\r").find(text.front()) != std::string_view::npos)
    text.insert(0, 1, '\'');
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

void print_csv(JsonView body) {
  const std::vector<std::string> counts = {"handoffs",
                                           "open",
                                           "claimed",
                                           "resolved",
                                           "cancelled",
                                           "abandoned",
                                           "left_after_claim",
                                           "lost_claims",
                                           "bounced",
                                           "back_in_7d",
                                           "back_in_14d",
                                           "context_completeness",
                                           "same_issue_in_7d",
                                           "same_issue_in_14d",
                                           "claimed_within_3min",
                                           "explicit_requests"};
  const std::vector<std::string> times = {"time_to_claim", "time_to_first_reply", "time_to_resolution",
                                          "handle_time"};
  std::cout << "name";
  for (const auto& one : counts) std::cout << ',' << one;
  std::cout
      << ",answered,asked_again,ratings,satisfied,sentiment_before,sentiment_after_claim,sentiment_at_end";
  for (const auto& one : times)
    std::cout << ',' << one << "_p50_ms," << one << "_p90_ms," << one << "_p99_ms";
  std::cout << "\r\n";
  const auto line = [&](const std::string& name, JsonView of) {
    const auto value = [&](JsonView at) {
      std::cout << ',' << (at.null() || !at.raw() ? "" : at.raw()->dump());
    };
    std::cout << cell(name);
    for (const auto& one : counts) value(of[one]);
    for (const auto* one : {"answered", "share"}) value(of["asked_again"][one]);
    for (const auto* one : {"count", "satisfied"}) value(of["satisfaction"][one]);
    for (const auto* one : {"before", "after_claim", "at_end"}) value(of["sentiment"][one]);
    for (const auto& one : times) {
      for (const auto* part : {"p50_ms", "p90_ms", "p99_ms"}) value(of[one][part]);
    }
    std::cout << "\r\n";
  };
  for (const auto& group : items(body["groups"])) line(group["name"].text(), group);
  line("all", body["all"]);
}

}  // namespace

void add_report_command(CLI::App& app, Context& context, Chosen& chosen) {
  auto question = std::make_shared<ReportQuestion>();
  auto* report = app.add_subcommand("report", "How many handoffs, how long people waited, how it ended");
  report
      ->add_option(
          "--by", question->by,
          "team, category, rule, channel, priority, trigger, day, language, segment, pilot or product")
      ->default_val("nothing");
  report->add_option("--from", question->from, "Requested at or after, 2026-09-01");
  report->add_option("--to", question->to, "Requested before");
  report->add_flag_callback("--csv", [question] { question->format = "csv"; }, "For a spreadsheet");
  report->callback([&context, &chosen, question] {
    chosen = [&context, question] {
      return ask(
          context, "GET", question->target(), nullptr,
          [&](JsonView body) {
            if (question->format == "csv") print_csv(body);
            else print_report(body);
          },
          kLongPatience);
    };
  });
}

}  // namespace baton::app
