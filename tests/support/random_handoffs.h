// Purpose: handoffs of any content, with all that figures are made of there, missing or of another type; and
// JSON as other writers than ours would write it.
// Owner: the test. Threads: plain values. Errors: none.
#pragma once

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "gateway/base/date.h"
#include "gateway/base/random.h"
#include "gateway/model/handoff.h"

namespace baton {

class RandomHandoffs {
 public:
  explicit RandomHandoffs(std::uint64_t seed) : random_(seed) {}

  bool maybe() { return random_.bits() % 2 == 0; }
  bool seldom() { return random_.bits() % 16 == 0; }
  std::uint64_t below(std::uint64_t end) { return random_.bits() % end; }

  Handoff handoff(const std::string& id) {
    Route route;
    route.rule = text();
    route.team = text();
    route.pilot = text();
    Handoff made(HandoffId(id), WorkspaceId("w" + text()), ConversationId("chat", "of " + id),
                 static_cast<Priority>(below(kPriorityNames.size())), std::move(route), at());
    made.state = static_cast<State>(below(kStateNames.size()));
    made.data = data();
    for (auto n = below(4); n > 0; --n)
      made.context[DestinationId("d" + text())].part = static_cast<Part>(below(kPartNames.size()));
    for (auto n = below(5); n > 0; --n)
      made.passages.emplace_back(at(), static_cast<State>(below(kStateNames.size())), text());
    for (auto n = below(3); n > 0; --n) made.feedback.emplace_back(at(), text(), text(), text());
    for (auto n = below(3); n > 0; --n)
      made.ratings.emplace_back(at(), score(), text(), maybe() ? "ai" : text(), text());
    for (auto n = below(3); n > 0; --n) made.feelings.emplace_back(at(), score());
    if (maybe()) made.replies = static_cast<int>(below(5));
    for (auto n = below(3); n > 0; --n) made.asked_again.insert(text());
    for (auto n = below(3); n > 0; --n) made.topics.insert(text());
    if (maybe()) made.owner = text();
    if (maybe()) made.bounces = static_cast<int>(below(9));
    made.resolution = text();
    return made;
  }

  // The same value, but of each object's members any order, blanks and escapes anywhere, and now and then
  // a member that a later one of its name replaces.
  std::string oddly_written(const nlohmann::json& value) {
    if (value.is_string()) return blank() + quoted(value.get_ref<const std::string&>()) + blank();
    std::vector<std::string> parts;
    if (value.is_object()) {
      for (const auto& [name, inner] : value.items())
        parts.push_back(blank() + quoted(name) + blank() + ":" + oddly_written(inner));
      for (std::size_t i = parts.size(); i > 1; --i) std::swap(parts[i - 1], parts[below(i)]);
      for (const auto& [name, inner] : value.items()) {
        if (seldom()) parts.insert(parts.begin(), quoted(name) + ":" + oddly_written(replaced(inner)));
      }
    } else if (value.is_array()) {
      for (const auto& inner : value) parts.push_back(oddly_written(inner));
    } else {
      return blank() + value.dump() + blank();
    }
    auto all = blank() + (value.is_object() ? "{" : "[");
    for (const auto& part : parts) all += (&part == &parts.front() ? "" : ",") + part;
    return all + blank() + (value.is_object() ? "}" : "]") + blank();
  }

  // Any value in any place, or none, as an older or a foreign writer may have left it.
  void disturb(nlohmann::json& value) {
    if (!value.is_structured() || value.empty()) return;
    auto one = value.begin();
    std::advance(one, static_cast<std::ptrdiff_t>(below(value.size())));
    if (one->is_structured() && below(4) != 0) return disturb(*one);
    if (value.is_array() && below(3) == 0) value.push_back(any());
    else if (maybe()) *one = any();
    else value.erase(one);
  }

 private:
  TimePoint at() { return TimePoint{Duration{static_cast<Duration::rep>(below(4'000'000'000'000))}}; }
  double score() { return static_cast<double>(below(2001)) / 1000 - 1; }
  std::string text() {
    static constexpr auto kTexts =
        std::to_array<const char*>({"", "a", "Zoë \"Z\" Adler", "back\\slash", "line\nline\x01", "😀",
                                    "} ] , :", "\\\"", "2026-01-05T10:00:00Z", "ends in \\"});
    return kTexts[below(kTexts.size())];
  }
  nlohmann::json any() {
    switch (below(12)) {
      case 0: return nullptr;
      case 1: return maybe();
      case 2: return -static_cast<std::int64_t>(below(5));
      case 3: return 18446744073709551615ULL;
      case 4: return score();
      case 5: return -1.5e300;
      case 6: return std::to_string(below(100));
      case 7: return nlohmann::json::array({text(), nlohmann::json::array({text()})});
      case 8: return {{"id", text()}, {"name", {{"part", "present"}}}};
      case 9: return nlohmann::json::array();
      case 10: return -0.0;
      default: return text();
    }
  }
  // What a later `value` of the same name replaces: it may say more.
  nlohmann::json replaced(const nlohmann::json& value) {
    if (!value.is_object()) return maybe() ? any() : value;
    auto more = value;
    for (const auto* name : {"category", "name", "trigger", "channel", "language", "product", "id", "email",
                             "account_id", "company", "tier", "rule", "team", "pilot", "part"})
      more[name] = "replaced";
    more["points"] = points();
    for (const auto* name : {"intent", "reason", "conversation", "customer", "sentiment"}) {
      if (value.contains(name)) more[name] = replaced(value[name]);
    }
    return more;
  }
  void put(nlohmann::json& to, const char* name) {
    if (maybe()) to[name] = seldom() ? any() : nlohmann::json(text());
  }
  nlohmann::json data() {
    if (seldom()) return any();
    auto made = nlohmann::json::object();
    for (const auto& [part, names] :
         {std::pair<const char*, std::vector<const char*>>{"intent", {"category", "name", "summary"}},
          {"reason", {"trigger", "detail"}},
          {"conversation", {"id", "channel", "language", "product"}},
          {"customer", {"id", "email", "account_id", "company", "tier", "name"}}}) {
      if (seldom()) continue;
      auto& object = made[part] = nlohmann::json::object();
      for (const auto* name : names) put(object, name);
    }
    if (maybe()) made["attempts"] = {{{"action", text()}}, any()};
    if (maybe()) made["transcript"] = {{{"text", text()}, {"id", text()}}, any()};
    if (maybe()) made["sentiment"] = {{"points", points()}};
    return made;
  }
  nlohmann::json points() {
    auto list = nlohmann::json::array();
    for (auto n = below(4); n > 0; --n) {
      nlohmann::json point = {{"at", to_rfc3339(at())}, {"score", score()}};
      if (seldom()) disturb(point);
      list.push_back(std::move(point));
    }
    return list;
  }

  std::string blank() {
    static constexpr auto kBlanks = std::to_array<const char*>({"", "", "", " ", "\n\t", "\r\n  "});
    return kBlanks[below(kBlanks.size())];
  }
  // Some of its ASCII letters escaped though they need not be.
  std::string quoted(const std::string& text) {
    const auto plain = nlohmann::json(text).dump(-1, ' ', maybe());
    if (!seldom()) return plain;
    std::string all;
    for (std::size_t i = 0; i < plain.size(); ++i) {
      const char c = plain[i];
      if (c == '\\') {
        const std::size_t length = plain[i + 1] == 'u' ? 6 : 2;
        all += plain.substr(i, length);
        i += length - 1;
      } else if (c >= 'a' && c <= 'z' && maybe()) {
        constexpr std::string_view kHex = "0123456789abcdef";
        ((all += "\\u00") += kHex[static_cast<unsigned char>(c) >> 4]) += kHex[c & 0xf];
      } else {
        all += c;
      }
    }
    return all;
  }

  Random random_;
};

}  // namespace baton
