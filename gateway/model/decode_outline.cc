// An outline straight out of a stored record, without a tree of it: the text is skimmed once, and what
// figures are not made of is stepped over. tests/model/outline_test.cc holds it against Outline(Handoff).
#include <algorithm>
#include <charconv>
#include <cstring>

#include "gateway/base/date.h"
#include "gateway/model/codec.h"

namespace baton {
namespace {

using nlohmann::json;

// Reads values one after the other. Of well-formed text; of any other it ends early and is broken.
// As in a tree, the last of several members of one name counts: a reader of a member forgets the earlier one.
class Skimmer {
 public:
  explicit Skimmer(std::string_view text) : text_(text) {}

  // Steps over the value, and says whether `read` was called with every member's name instead: it reads or
  // steps over its value.
  template <class Read>
  bool members(const Read& read) {
    if (peek() != '{') return step_over(), false;
    ++at_;
    while (peek() == '"') {
      const auto quoted = string();
      if (!expect(':')) return false;
      if (quoted.find('\\') == std::string_view::npos) read(quoted.substr(1, quoted.size() - 2));
      else read(std::string_view(unescaped(quoted)));
      if (peek() != ',') break;
      ++at_;
    }
    return expect('}');
  }
  template <class Read>
  void items(const Read& read) {
    if (peek() != '[') return step_over();
    ++at_;
    while (peek() != ']' && peek() != '\0') {
      read();
      if (peek() != ',') break;
      ++at_;
    }
    expect(']');
  }

  std::optional<std::string> text() {
    if (peek() != '"') return step_over(), std::nullopt;
    const auto quoted = string();
    if (quoted.find('\\') == std::string_view::npos) return std::string(quoted.substr(1, quoted.size() - 2));
    return unescaped(quoted);
  }
  std::optional<std::int64_t> integer() {
    const auto digits = number_text();
    std::int64_t value = 0;
    if (whole(digits, value)) return value;
    std::uint64_t large = 0;
    if (whole(digits, large)) return static_cast<std::int64_t>(large);
    return std::nullopt;
  }
  std::optional<double> number() {
    const auto digits = number_text();
    if (digits.empty()) return std::nullopt;
    std::int64_t integer = 0;
    if (whole(digits, integer)) return static_cast<double>(integer);  // -0 is 0 there
    double value = 0;
    if (whole(digits, value)) return value;
    const auto parsed = json::parse(digits, nullptr, false);  // too small for a double
    return parsed.is_number() ? std::optional(parsed.get<double>()) : std::nullopt;
  }
  template <class Enum, std::size_t N>
  std::optional<Enum> one_of(const std::array<std::string_view, N>& names) {
    if (peek() != '"') return step_over(), std::nullopt;
    const auto quoted = string();
    const auto found = std::ranges::find(names, quoted.substr(1, quoted.size() - 2));
    if (found != names.end()) return static_cast<Enum>(found - names.begin());
    if (quoted.find('\\') == std::string_view::npos) return std::nullopt;
    const auto again = std::ranges::find(names, unescaped(quoted));
    return again == names.end() ? std::nullopt : std::optional(static_cast<Enum>(again - names.begin()));
  }

  void step_over() {
    const char first = peek();
    if (first == '"') return (void)string();
    for (int depth = 0; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (c == '"') {
        (void)string();
        --at_;
      } else if (c == '{' || c == '[') {
        ++depth;
      } else if (c == '}' || c == ']') {
        if (depth == 0) return;
        if (--depth == 0) return (void)++at_;
      } else if (c == ',' && depth == 0) {
        return;
      }
    }
  }

  bool broken() { return broken_ || peek() != '\0'; }

 private:
  // The next character that is no blank; 0 at the end.
  char peek() {
    while (at_ < text_.size() && static_cast<unsigned char>(text_[at_]) <= ' ') ++at_;
    return at_ < text_.size() ? text_[at_] : '\0';
  }

  bool expect(char c) {
    broken_ |= peek() != c;
    ++at_;
    return !broken_;
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
    broken_ = true;
    return "\"\"";
  }

  std::string unescaped(std::string_view quoted) {
    auto parsed = json::parse(quoted, nullptr, false);
    broken_ |= !parsed.is_string();
    return parsed.is_string() ? std::move(parsed.get_ref<std::string&>()) : std::string();
  }

  // Empty unless the value is a number.
  std::string_view number_text() {
    const char first = peek();
    const auto begin = at_;
    step_over();
    if (first != '-' && (first < '0' || first > '9')) return {};
    auto digits = text_.substr(begin, at_ - begin);
    while (!digits.empty() && static_cast<unsigned char>(digits.back()) <= ' ') digits.remove_suffix(1);
    return digits;
  }
  template <class T>
  static bool whole(std::string_view digits, T& value) {
    const auto* end = digits.data() + digits.size();
    const auto [stopped, error] = std::from_chars(digits.data(), end, value);
    return !digits.empty() && error == std::errc() && stopped == end;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  bool broken_ = false;
};

// The members of a record that an outline is made of, each read by a method of its name.
class OutlineReader {
 public:
  explicit OutlineReader(std::string_view bytes) : from_(bytes) {}

  Result<Outline> read() {
    const bool object = from_.members([&](std::string_view name) { member(name); });
    if (!object || from_.broken())
      return Failure(FailureKind::rejected, "the stored record is no object, or cut short");
    if (!state_ || made_.id.text.empty())
      return Failure(FailureKind::rejected, "the stored record is no handoff");
    made_.state = *state_;
    choose();
    return std::move(made_);
  }

 private:
  using Text = std::optional<std::string>;
  struct Intent {
    Text category, name;
  };
  struct Customer {
    Text id, email, account_id, company;
    std::string tier;
  };

  void member(std::string_view name) {
    if (name == "data") data();
    else if (name == "passages") passages();
    else if (name == "requested_at") made_.requested_at = instant();
    else if (name == "state") state_ = from_.one_of<State>(kStateNames);
    else if (name == "priority")
      made_.priority = from_.one_of<Priority>(kPriorityNames).value_or(Priority::normal);
    else if (name == "workspace") made_.workspace = WorkspaceId(text());
    else if (name == "id") made_.id = HandoffId(text());
    else if (name == "route") route();
    else if (name == "context") context();
    else if (name == "ratings") ratings();
    else if (name == "feelings") feelings();
    else if (name == "feedback") feedback();
    else if (name == "bounces") made_.bounces = static_cast<int>(from_.integer().value_or(0));
    else from_.step_over();
  }

  void route() {
    made_.rule.clear(), made_.team.clear(), made_.pilot.clear();
    from_.members([&](std::string_view name) {
      if (name == "rule") made_.rule = text();
      else if (name == "team") made_.team = text();
      else if (name == "pilot") made_.pilot = text();
      else from_.step_over();
    });
  }

  void data() {
    intent_ = {}, customer_ = {};
    points_.clear();
    made_.trigger.clear(), made_.channel.clear(), made_.language.clear(), made_.product.clear();
    from_.members([&](std::string_view name) {
      if (name == "intent") intent();
      else if (name == "customer") customer();
      else if (name == "conversation") conversation();
      else if (name == "reason") reason();
      else if (name == "sentiment") sentiment();
      else from_.step_over();
    });
  }
  void intent() {
    intent_ = {};
    from_.members([&](std::string_view name) {
      if (name == "category") intent_.category = from_.text();
      else if (name == "name") intent_.name = from_.text();
      else from_.step_over();
    });
  }
  void customer() {
    customer_ = {};
    from_.members([&](std::string_view name) {
      if (name == "id") customer_.id = from_.text();
      else if (name == "email") customer_.email = from_.text();
      else if (name == "account_id") customer_.account_id = from_.text();
      else if (name == "company") customer_.company = from_.text();
      else if (name == "tier") customer_.tier = text();
      else from_.step_over();
    });
  }
  void conversation() {
    made_.channel.clear(), made_.language.clear(), made_.product.clear();
    from_.members([&](std::string_view name) {
      if (name == "channel") made_.channel = text();
      else if (name == "language") made_.language = text();
      else if (name == "product") made_.product = text();
      else from_.step_over();
    });
  }
  void reason() {
    made_.trigger.clear();
    from_.members([&](std::string_view name) {
      if (name == "trigger") made_.trigger = text();
      else from_.step_over();
    });
  }
  void sentiment() {
    points_.clear();
    from_.members([&](std::string_view name) {
      if (name == "points") points();
      else from_.step_over();
    });
  }
  void points() {
    points_.clear();
    from_.items([&] {
      std::string at;
      std::optional<double> score;
      from_.members([&](std::string_view name) {
        if (name == "at") at = text();
        else if (name == "score") score = from_.number();
        else from_.step_over();
      });
      if (const auto when = parse_rfc3339(at); when && score) points_.emplace_back(*when, *score);
    });
  }

  void context() {
    std::vector<std::pair<std::string, Part>> parts;
    from_.members([&](std::string_view name) {
      auto known = std::ranges::find(parts, name, &std::pair<std::string, Part>::first);
      if (known == parts.end()) known = parts.emplace(known, name, Part::failed);
      known->second = Part::failed;
      from_.members([&](std::string_view inner) {
        if (inner == "part") known->second = from_.one_of<Part>(kPartNames).value_or(Part::failed);
        else from_.step_over();
      });
    });
    made_.parts = static_cast<int>(parts.size());
    made_.parts_present =
        static_cast<int>(std::ranges::count(parts, Part::present, &std::pair<std::string, Part>::second));
  }

  // A row of just so many cells; `read` reads or steps over the one of this number.
  template <class Read>
  bool row(int cells, const Read& read) {
    int count = 0;
    from_.items([&] { count < cells ? read(count) : from_.step_over(), ++count; });
    return count == cells;
  }
  void passages() {
    made_.passages.clear();
    from_.items([&] {
      TimePoint at;
      auto state = State::received;
      const bool sound = row(3, [&](int cell) {
        if (cell == 0) at = instant();
        else if (cell == 1) state = from_.one_of<State>(kStateNames).value_or(State::received);
        else from_.step_over();
      });
      if (sound) made_.passages.emplace_back(at, state);
    });
  }
  void ratings() {
    made_.ratings.clear();
    from_.items([&] {
      double score = 0;
      std::string scale, phase;
      const bool sound = row(5, [&](int cell) {
        if (cell == 1) score = from_.number().value_or(0);
        else if (cell == 2) scale = text();
        else if (cell == 3) phase = text();
        else from_.step_over();
      });
      if (sound) made_.ratings.emplace_back(score, std::move(scale), std::move(phase));
    });
  }
  void feelings() {
    made_.feelings.clear();
    from_.items([&] {
      TimePoint at;
      double score = 0;
      const bool sound = row(2, [&](int cell) {
        if (cell == 0) at = instant();
        else score = from_.number().value_or(0);
      });
      if (sound) made_.feelings.emplace_back(at, score);
    });
  }
  void feedback() {
    made_.faults.clear();
    from_.items([&] {
      std::string fault;
      const bool sound = row(4, [&](int cell) {
        if (cell == 2) fault = text();
        else from_.step_over();
      });
      if (sound) made_.faults.push_back(std::move(fault));
    });
  }

  // Between members that stand for one another, once all were seen.
  void choose() {
    const auto first_of = [](std::initializer_list<Text*> some) {
      for (auto* one : some) {
        if (*one) return **one;
      }
      return std::string();
    };
    made_.category = first_of({&intent_.category, &intent_.name});
    made_.account = first_of({&customer_.account_id, &customer_.company, &customer_.id});
    made_.customer = first_of({&customer_.id, &customer_.email});
    made_.tier = std::move(customer_.tier);
    made_.feelings.insert(made_.feelings.end(), points_.begin(), points_.end());
  }

  std::string text() { return from_.text().value_or(std::string()); }
  TimePoint instant() { return TimePoint(Duration{from_.integer().value_or(0)}); }

  Skimmer from_;
  Outline made_;
  std::optional<State> state_;
  Intent intent_;
  Customer customer_;
  std::vector<Outline::Mood> points_;
};

}  // namespace

Result<Outline> decode_outline(std::string_view bytes) { return OutlineReader(bytes).read(); }

}  // namespace baton
