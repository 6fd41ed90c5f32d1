#include "gateway/app/demo_words.h"

#include <algorithm>

#include "gateway/model/operation.h"

namespace baton::app {
namespace {

bool is_number(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

// "claimed by dana" without the verb; a vendor's own numbers for people are nobody's name.
std::string person_in(const std::string& through) {
  const auto by = through.find(" by ");
  if (by == std::string::npos) return {};
  auto person = through.substr(by + 4);
  if (const auto more = person.find(" through "); more != std::string::npos) person.resize(more);
  return is_number(person) ? "" : person;
}

std::optional<DemoLine> state_line(JsonView moment) {
  const auto text = moment["text"].text();
  const auto state = moment["detail"]["state"].text();
  const auto open = text.find('(');
  const auto person = open == std::string::npos ? "" : person_in(text.substr(open, text.size() - open - 1));
  if (state == "waiting") return DemoLine{"handoff", "waits for a person"};
  if (state == "claimed") return DemoLine{"handoff", "belongs to " + person + ", and to nobody else"};
  if (state == "active") return DemoLine{"handoff", "is being worked on"};
  if (state == "resolved") return DemoLine{"handoff", "is solved"};
  if (state == "returned") return DemoLine{"handoff", "is the AI's again: the way is complete"};
  return std::nullopt;  // received, planned: before anything happened
}

std::optional<DemoLine> signal_line(JsonView moment) {
  const auto text = moment["text"].text();
  const auto kind = moment["detail"]["kind"].text();
  const auto from = text.substr(std::min(text.size(), text.rfind(' ') + 1));
  const auto person = person_in(text);
  if (kind == "claimed" && !person.empty()) return DemoLine{from, "a click on Claim by " + person};
  if (kind == "replied") return DemoLine{from, "a public reply by " + person};
  if (kind == "solved") return DemoLine{from, "the ticket is set to solved"};
  return std::nullopt;
}

std::optional<DemoLine> refusal_line(JsonView moment) {
  const auto person = person_in(moment["detail"]["what"].text());
  if (person.empty()) return std::nullopt;  // the winner's own echo from the helpdesk
  return DemoLine{"handoff", person + " is too late: " + moment["detail"]["why"].text()};
}

// What was done, in the words of whoever looks at the vendor.
std::string deed(JsonView moment) {
  const auto detail = moment["detail"];
  const auto operation = operation_from(detail["operation"].text());
  const auto text = moment["text"].text();
  const auto receipt = detail.at_path("receipt.id").text();
  const auto subject = text.substr(0, std::min(text.find(" \u2192"), text.find(" (")));
  if (!operation) return text;
  switch (*operation) {
    case Operation::read_context: return "said what it knows about this customer";
    case Operation::open_ticket: return "ticket " + receipt + " is open";
    case Operation::add_note: return "a note is in the ticket";
    case Operation::post_alert: return "a card with a Claim button is in the agents' channel";
    case Operation::update_alert:
      return "the card says:" + subject.substr(std::min(subject.size(), subject.find(" as ") + 3));
    case Operation::reply_in_thread: return "the second to click is told so";
    case Operation::file_bug: return "the bug is reported";
    case Operation::link_bug: return "the report and the ticket know each other";
    case Operation::write_back:
      return is_number(receipt) ? "a note is in the timeline of the customer"
                                : "knows no such customer: no note";
    case Operation::emit:
      return "the chat platform heard: " + subject.substr(std::min(subject.size(), subject.rfind(' ') + 1));
    default: return text;
  }
}

std::optional<DemoLine> delivery_line(JsonView moment) {
  const auto detail = moment["detail"];
  const auto attempts = detail["attempts"].integer().value_or(0);
  const auto who = detail["destination"].text();
  const auto failure = detail.at_path("failure.detail").text();
  if (detail["state"].text() == "done") {
    return DemoLine{who, deed(moment) + (attempts > 1 ? " (attempt " + std::to_string(attempts) + ")" : "")};
  }
  if (failure.empty()) return std::nullopt;  // under way
  return DemoLine{
      who, detail["operation"].text() + " not done (attempt " + std::to_string(attempts) + "): " + failure};
}

}  // namespace

std::optional<DemoLine> words_of(JsonView moment) {
  const auto kind = moment["kind"].text();
  if (kind == "state") return state_line(moment);
  if (kind == "signal") return signal_line(moment);
  if (kind == "refused") return refusal_line(moment);
  if (kind == "read" || kind == "delivery") return delivery_line(moment);
  return std::nullopt;  // the event itself was just announced
}

}  // namespace baton::app
