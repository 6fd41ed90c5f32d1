#include "gateway/handoff/silence.h"

#include <algorithm>

#include "gateway/base/date.h"
#include "gateway/base/json_view.h"

namespace baton::handoff {

bool Silence::covers(std::string_view key, TimePoint now) const {
  if (now < from || now >= until) return false;
  if (!alert.ends_with('*')) return key == alert;
  return key.starts_with(std::string_view(alert).substr(0, alert.size() - 1));
}

bool is_alert_pattern(std::string_view text) {
  constexpr std::size_t kLongest = 200;
  if (text.empty() || text.size() > kLongest) return false;
  if (text.ends_with('*')) text.remove_suffix(1);
  return std::ranges::all_of(text, [](unsigned char c) { return c > ' ' && c != '*' && c != 0x7F; });
}

Document to_document(const Silence& silence) {
  return Document(kSilenceKind, silence.id,
                  {{"alert", silence.alert},
                   {"by", silence.by},
                   {"why", silence.why},
                   {"from", to_rfc3339(silence.from)},
                   {"until", to_rfc3339(silence.until)}});
}

std::optional<Silence> silence_from(const Document& document) {
  const JsonView body(document.body);
  const auto from = parse_rfc3339(body["from"].text());
  const auto until = parse_rfc3339(body["until"].text());
  if (!from || !until || !is_alert_pattern(body["alert"].text())) return std::nullopt;
  Silence silence;
  silence.id = document.key;
  silence.alert = body["alert"].text();
  silence.by = body["by"].text();
  silence.why = body["why"].text();
  silence.from = *from;
  silence.until = *until;
  return silence;
}

}  // namespace baton::handoff
