// Of a stored record what was asked and of whom, and no tree of the rest: most of a handoff is its
// conversation. tests/model/question_test.cc holds it against decode_handoff().
#include "gateway/base/json_view.h"
#include "gateway/base/text.h"
#include "gateway/model/codec.h"
#include "gateway/model/skimmer.h"

namespace baton {
namespace {

constexpr auto kOfRecord = std::to_array<std::string_view>(
    {"id", "workspace", "platform", "conversation", "state", "priority", "requested_at", "owner", "topics"});
constexpr auto kOfData = std::to_array<std::string_view>({"intent", "reason", "customer", "attempts"});

template <std::size_t N>
bool among_names(const std::array<std::string_view, N>& names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

// One object with some of the members of another, each as it stood there.
class SmallerObject {
 public:
  void keep(std::string_view name, std::string_view value) {
    text_ += text_.size() > 1 ? ",\"" : "\"";
    text_.append(name).append("\":").append(value);
  }
  std::string done() && { return std::move(text_) + "}"; }

 private:
  std::string text_ = "{";
};

// Without one the question stands in the conversation.
bool has_summary(std::string_view intent) {
  const auto parsed = nlohmann::json::parse(intent, nullptr, false);
  const auto summary = JsonView(parsed)["summary"].text();
  return std::ranges::any_of(summary, [](char c) { return is_letter(c) || is_digit(c); });
}

std::string smaller_data(Skimmer& from) {
  SmallerObject to;
  std::string_view intent, transcript;
  const bool object = from.members([&](std::string_view name) {
    if (name == "transcript") return (void)(transcript = from.raw());
    if (!among_names(kOfData, name)) return from.step_over();
    const auto value = from.raw();
    if (name == "intent") intent = value;
    to.keep(name, value);
  });
  if (!object) return "null";
  if (!transcript.empty() && !has_summary(intent)) to.keep("transcript", transcript);
  return std::move(to).done();
}

std::string smaller_route(Skimmer& from) {
  SmallerObject to;
  from.members([&](std::string_view name) {
    if (name == "team") to.keep(name, from.raw());
    else from.step_over();
  });
  return std::move(to).done();
}

}  // namespace

Result<Handoff> decode_question(std::string_view bytes) {
  Skimmer from(bytes);
  SmallerObject to;
  const bool object = from.members([&](std::string_view name) {
    if (name == "data") to.keep(name, smaller_data(from));
    else if (name == "route") to.keep(name, smaller_route(from));
    else if (among_names(kOfRecord, name)) to.keep(name, from.raw());
    else from.step_over();
  });
  if (!object || from.broken())
    return Failure(FailureKind::rejected, "the stored record is no object, or cut short");
  return decode_handoff(std::move(to).done());
}

}  // namespace baton
