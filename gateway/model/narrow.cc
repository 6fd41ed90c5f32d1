// A stored handoff without what figures do not need: a report reads a million of them, and most of each is
// the conversation. The text is skimmed, and only what is kept becomes a tree.
#include <array>
#include <cstring>
#include <span>

#include "gateway/model/codec.h"

namespace baton {
namespace {

// A member that is kept: whole, or of it only `inner`. "*": any name.
struct Kept {
  std::string_view name;
  std::span<const Kept> inner = {};
};

constexpr auto kRoute = std::to_array<Kept>({{"rule"}, {"team"}, {"pilot"}});
constexpr auto kPart = std::to_array<Kept>({{"part"}});
constexpr auto kParts = std::to_array<Kept>({{"*", kPart}});
constexpr auto kIntent = std::to_array<Kept>({{"category"}, {"name"}});
constexpr auto kReason = std::to_array<Kept>({{"trigger"}});
constexpr auto kSentiment = std::to_array<Kept>({{"points"}});
constexpr auto kConversation = std::to_array<Kept>({{"channel"}, {"language"}, {"product"}});
constexpr auto kCustomer = std::to_array<Kept>({{"id"}, {"email"}, {"account_id"}, {"company"}, {"tier"}});
constexpr auto kData = std::to_array<Kept>({{"intent", kIntent},
                                            {"reason", kReason},
                                            {"customer", kCustomer},
                                            {"sentiment", kSentiment},
                                            {"conversation", kConversation}});
constexpr auto kHandoff = std::to_array<Kept>({{"id"},
                                               {"workspace"},
                                               {"platform"},
                                               {"conversation"},
                                               {"priority"},
                                               {"state"},
                                               {"requested_at"},
                                               {"passages"},
                                               {"feedback"},
                                               {"ratings"},
                                               {"feelings"},
                                               {"bounces"},
                                               {"replies"},
                                               {"route", kRoute},
                                               {"context", kParts},
                                               {"data", kData}});

// Of well-formed text; of any other it ends early, and says so or keeps what cannot be parsed.
class Skim {
 public:
  explicit Skim(std::string_view text) : text_(text) {}

  // Copies the value that begins here.
  void copy(std::span<const Kept> kept, std::string& to) {
    if (kept.empty() || peek() != '{') {
      to += value();
      return;
    }
    to += '{';
    ++at_;
    const auto begin = to.size();
    while (peek() == '"') {
      const auto name = string();
      if (peek() == ':') ++at_;
      if (const auto* one = find(kept, name.substr(1, name.size() - 2))) {
        if (to.size() > begin) to += ',';
        (to += name) += ':';
        copy(one->inner, to);
      } else {
        (void)value();
      }
      if (peek() == ',') ++at_;
    }
    broken_ |= peek() != '}';
    ++at_;
    to += '}';
  }

  bool broken() const { return broken_; }

 private:
  static const Kept* find(std::span<const Kept> kept, std::string_view name) {
    for (const auto& one : kept) {
      if (one.name == name || one.name == "*") return &one;
    }
    return nullptr;
  }

  // The next character that is no blank; 0 at the end.
  char peek() {
    while (at_ < text_.size() && static_cast<unsigned char>(text_[at_]) <= ' ') ++at_;
    return at_ < text_.size() ? text_[at_] : '\0';
  }

  // With its quotes. At a quote.
  std::string_view string() {
    const auto begin = at_++;
    while (at_ < text_.size()) {
      const auto* found = std::memchr(text_.data() + at_, '"', text_.size() - at_);
      if (!found) break;
      at_ = static_cast<std::size_t>(static_cast<const char*>(found) - text_.data()) + 1;
      std::size_t escapes = 0;
      while (text_[at_ - 2 - escapes] == '\\') ++escapes;
      if (escapes % 2 == 0) return text_.substr(begin, at_ - begin);
    }
    at_ = text_.size();
    return "\"\"";
  }

  std::string_view value() {
    const char first = peek();
    if (first == '"') return string();
    const auto begin = at_;
    for (int depth = 0; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (c == '"') {
        (void)string();
        --at_;
      } else if (c == '{' || c == '[') {
        ++depth;
      } else if (c == '}' || c == ']') {
        if (depth == 0) break;
        if (--depth == 0) {
          ++at_;
          break;
        }
      } else if (c == ',' && depth == 0) {
        break;
      }
    }
    return text_.substr(begin, at_ - begin);
  }

  std::string_view text_;
  std::size_t at_ = 0;
  bool broken_ = false;
};

}  // namespace

Result<Handoff> decode_for_figures(std::string_view bytes) {
  std::string narrow;
  Skim skim(bytes);
  skim.copy(kHandoff, narrow);
  if (skim.broken()) return Failure(FailureKind::rejected, "the stored record is cut short");
  return decode_handoff(narrow);
}

}  // namespace baton
