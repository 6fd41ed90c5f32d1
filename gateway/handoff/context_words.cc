// What is known of a customer, in one line a section.
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "gateway/base/text.h"
#include "gateway/handoff/context.h"

namespace baton::handoff {
namespace {

// In one line: whatever a CRM holds, it cannot break the layout of a brief.
std::string tidy(std::string text) {
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < ' ' || c == 0x7f) c = ' ';
  }
  return to_valid_utf8(trim(text));
}

void add(std::string& line, const std::string& part, std::string_view between = ", ") {
  if (part.empty()) return;
  if (!line.empty()) line += between;
  line += part;
}

std::string labelled(std::string_view label, JsonView value) {
  const auto text = tidy(value.text());
  return text.empty() ? "" : std::string(label) + text;
}

// "48,000 EUR"; cents only where there are some.
std::string money(JsonView amount, const std::string& currency) {
  const auto value = amount.number();
  if (!value || !std::isfinite(*value) || std::abs(*value) >= 1e15) return {};
  const bool whole = std::abs(*value - std::round(*value)) < 0.005;
  auto text = whole ? fmt::format("{:.0f}", *value) : fmt::format("{:.2f}", *value);
  const auto digits = std::min(text.find('.'), text.size());
  const std::size_t first = text.starts_with('-') ? 1 : 0;
  for (std::size_t at = digits; at > first + 3; at -= 3) text.insert(at - 3, ",");
  return currency.empty() ? text : text + " " + currency;
}

std::string day(JsonView at) { return tidy(at.text().substr(0, 10)); }

// "2 failed charges (last 12.50 EUR on 2026-11-18: card_declined)".
std::string count_of(JsonView list, std::string_view one, std::string_view many, std::string_view why) {
  const auto all = items(list);
  if (all.empty()) return {};
  const auto& last = all.front();
  std::string detail = money(last["amount"], tidy(last["currency"].text()));
  add(detail, labelled("on ", JsonView(last)["at"]).substr(0, 13), " ");
  auto reason = tidy(last[why].text());
  std::ranges::replace(reason, '_', ' ');  // "card_declined", as a vendor's code
  add(detail, reason, ": ");
  add(detail, labelled("the customer can ", last["customer_can"]), "; ");
  return std::to_string(all.size()) + " " + std::string(all.size() == 1 ? one : many) +
         (detail.empty() ? "" : " (last " + detail + ")");
}

std::string invoices(JsonView list) {
  const auto all = items(list);
  if (all.empty()) return {};
  std::size_t overdue = 0;
  for (const auto& one : all) overdue += one["overdue"].boolean().value_or(false);
  std::string text = std::to_string(all.size()) + (all.size() == 1 ? " open invoice" : " open invoices");
  if (overdue > 0) text += ", " + std::to_string(overdue) + " overdue";
  for (const auto& one : all) {
    auto why = tidy(one["reason"].text());
    if (why.empty()) continue;
    add(why, labelled("the customer can ", one["customer_can"]), "; ");
    return text + " (" + why + ")";
  }
  return text;
}

std::string tickets(JsonView list) {
  const auto all = items(list);
  if (all.empty()) return {};
  std::string text = std::to_string(all.size()) + (all.size() == 1 ? " open ticket" : " open tickets");
  const auto id = all.front()["id"].id().value_or("");
  std::string newest = id.empty() ? "" : "#" + id;
  add(newest, tidy(all.front()["title"].text()), " ");
  if (!newest.empty()) text += " (" + std::string(clip_utf8(newest, 100)) + ")";
  return text;
}

}  // namespace

std::string account_in_words(JsonView known) {
  const auto account = known["account"];
  std::string line = labelled("tier ", account["tier"]);
  const auto currency = tidy(account["currency"].text());
  if (const auto value = money(account["value"], currency); !value.empty()) add(line, "value " + value);
  if (const auto open = money(account["open_value"], currency); !open.empty())
    add(line, open + " in open deals");
  if (const auto renews = day(account["renewal_date"]); !renews.empty()) add(line, "renews " + renews);
  add(line, labelled("owner ", account["owner"]));
  add(line, labelled("health ", account["health"]));
  if (account["at_risk"].boolean().value_or(false)) add(line, "at risk");
  return std::string(clip_utf8(line, 300));
}

std::string money_in_words(JsonView known) {
  const auto section = known["money"];
  std::string line = labelled("plan ", section["plan"]);
  if (const auto status = tidy(section["status"].text()); !status.empty())
    line += line.empty() ? status : " (" + status + ")";
  add(line, count_of(section["failed_charges"], "failed charge", "failed charges", "reason"), "; ");
  add(line, count_of(section["unfinished_payments"], "unfinished payment", "unfinished payments", "reason"),
      "; ");
  add(line, invoices(section["open_invoices"]), "; ");
  add(line, count_of(section["disputes"], "dispute", "disputes", "reason"), "; ");
  if (items(section["failed_charges"]).empty())
    add(line, count_of(section["last_payments"], "payment", "payments", "status"), "; ");
  return std::string(clip_utf8(line, 400));
}

std::string history_in_words(JsonView known) {
  const auto section = known["history"];
  std::string line = tickets(section["open_tickets"]);
  const auto week = section["contacts_7d"].integer().value_or(0);
  const auto fortnight = section["contacts_14d"].integer().value_or(0);
  if (week > 0) add(line, std::to_string(week) + (week == 1 ? " contact" : " contacts") + " in 7 days");
  if (fortnight > week) add(line, std::to_string(fortnight) + " in 14 days");
  const auto bugs = items(known["known_bugs"]);
  if (!bugs.empty()) {
    auto bug = "known bug " + bugs.front()["id"].id().value_or("");
    add(bug, tidy(bugs.front()["title"].text()), " ");
    add(bug, tidy(bugs.front()["status"].text()), ", ");
    add(line, std::string(clip_utf8(bug, 160)), "; ");
  }
  return std::string(clip_utf8(line, 400));
}

std::string in_words(JsonView known) {
  std::string text;
  for (const auto& [label, line] :
       {std::pair("Account: ", account_in_words(known)), std::pair("Money: ", money_in_words(known)),
        std::pair("History: ", history_in_words(known))}) {
    if (!line.empty()) add(text, label + line, "\n");
  }
  return text;
}

}  // namespace baton::handoff
