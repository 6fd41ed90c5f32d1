#include "gateway/handoff/choice.h"

#include <algorithm>
#include <vector>

#include "gateway/base/date.h"
#include "gateway/base/text.h"
#include "gateway/handoff/tell_plain.h"

namespace baton::handoff {
namespace {

constexpr std::size_t kNumber = 64, kEmail = 320, kComment = 400;

Failure refused(std::string why) { return Failure(FailureKind::rejected, std::move(why)); }

std::optional<ChoiceKind> choice_kind(std::string_view text) {
  if (equals_ignoring_case(text, "priority")) return ChoiceKind::priority_ticket;
  if (equals_ignoring_case(text, "e-mail")) return ChoiceKind::email;
  for (std::size_t i = 0; i < kChoiceNames.size(); ++i) {
    if (equals_ignoring_case(text, kChoiceNames[i])) return static_cast<ChoiceKind>(i);
  }
  return std::nullopt;
}

// A telephone number as people write it; anything else in the field is no number.
std::string number_in(JsonView value) {
  const auto text = std::string(trim(value.text()));
  const auto belongs = [](char c) {
    return (c >= '0' && c <= '9') || std::string_view("+-/(). ").find(c) != std::string_view::npos;
  };
  const auto digits = std::ranges::count_if(text, [](char c) { return c >= '0' && c <= '9'; });
  const bool number = digits >= 3 && text.size() <= kNumber && std::ranges::all_of(text, belongs);
  return number ? text : "";
}

std::string address_in(JsonView value) {
  const auto text = std::string(trim(value.text()));
  const auto at = text.find('@');
  const auto printable = [](char c) {
    return static_cast<unsigned char>(c) > ' ' && c != 0x7f && c != '<' && c != '>';
  };
  const bool address = at != std::string::npos && at > 0 && at + 1 < text.size() && text.size() <= kEmail &&
                       std::ranges::all_of(text, printable) && is_utf8(text);
  return address ? text : "";
}

std::string unknown(const std::string& text) {
  const std::vector<std::string> names(kChoiceNames.begin(), kChoiceNames.end());
  const auto near = nearest(text, names);
  return "`" + plain(text, 60) + "` is no choice" + (near ? ", did you mean `" + *near + "`?" : "") +
         "; there are: " + join(names, ", ");
}

}  // namespace

Result<Choice> read_choice(JsonView event, JsonView known, TimePoint now) {
  const auto kind = choice_kind(event["choice"].text());
  if (!kind) return refused(unknown(event["choice"].text()));
  Choice choice;
  choice.kind = *kind;
  choice.comment = plain(event["comment"].text(), kComment);
  choice.email = address_in(known.at_path("customer.email"));
  choice.number = number_in(event["callback_number"]);
  if (choice.number.empty()) choice.number = number_in(known.at_path("customer.attributes.phone"));
  if (*kind == ChoiceKind::callback && choice.number.empty())
    return refused("a callback needs a telephone number: send it in `callback_number`");
  if (*kind == ChoiceKind::email && choice.email.empty())
    return refused("an answer by e-mail needs an address, and none is known of this customer");
  if (*kind != ChoiceKind::scheduled) return choice;
  choice.at = parse_rfc3339(event["scheduled_at"].text());
  if (!choice.at) return refused("an appointment needs a time: send it in `scheduled_at`");
  if (*choice.at <= now) return refused("the time of the appointment has passed");
  return choice;
}

std::string in_words(const Choice& choice) {
  std::string text = "The customer chose ";
  switch (choice.kind) {
    case ChoiceKind::wait: text += "to wait in the conversation"; break;
    case ChoiceKind::callback: text += "a callback, at " + choice.number; break;
    case ChoiceKind::email: text += "an answer by e-mail, to " + choice.email; break;
    case ChoiceKind::priority_ticket: text += "a ticket with priority instead of waiting"; break;
    case ChoiceKind::scheduled:
      text += "to be contacted at " + (choice.at ? to_rfc3339(*choice.at) : "a time");
      break;
    case ChoiceKind::continue_with_ai: text += "to go on with the AI"; break;
  }
  return choice.comment.empty() ? text : text + ": " + choice.comment;
}

}  // namespace baton::handoff
