// The files of phrases: reading them, and spelling the phrases out for the matcher.
#include <algorithm>
#include <iterator>
#include <map>
#include <span>
#include <tuple>
#include <utility>

#include "gateway/base/text.h"
#include "gateway/handoff/phrases.h"

namespace baton::handoff {
namespace {

constexpr int kWidestGap = 8;
constexpr int kMostGaps = 3;
constexpr std::size_t kMostOptionals = 7;  // each doubles the variants
constexpr std::size_t kMostGroups = 4;
constexpr std::size_t kShortestTypo = 5;

std::vector<std::string_view> parts_of(std::string_view phrase) {
  auto parts = split(phrase, ' ');
  std::erase_if(parts, [](std::string_view part) { return part.empty(); });
  return parts;
}

// "as_if" among others is "as if".
std::string spaced(std::string_view way) {
  std::string words(way);
  std::ranges::replace(words, '_', ' ');
  return words;
}

}  // namespace

// Reads one file into the Phrases that it is given.
class PhraseReader {
 public:
  PhraseReader(Phrases& to, Problems& problems) : to_(to), problems_(problems) {}

  void read(const Node& file, const std::vector<std::string>& known) {
    Fields in(file, "", problems_);
    language_ = in.required_text("language");
    for (const auto& word : in.texts("not_typos")) {
      for (auto& folded : foldings(word)) to_.not_typos_.insert(std::move(folded));
    }
    const auto& words = in.node("words");
    for (const auto& member : words.members()) sets_[member.key] = new_set();
    for (const auto& member : words.members()) read_set(member);
    for (const auto& member : in.node("lists").members()) read_list(member, known);
    in.done();
  }

 private:
  using Element = Phrases::Element;
  using Kind = Phrases::Kind;
  // A part of a phrase before its optional ones are spelt out.
  struct Part {
    Element element;
    bool optional = false;
  };

  int new_set() {
    to_.by_set_.resize(static_cast<std::size_t>(++to_.sets_));
    return to_.sets_ - 1;
  }

  int new_number(std::string spelling) {
    to_.spelling_.push_back(std::move(spelling));
    to_.entries_.emplace_back();
    to_.by_word_.emplace_back();
    return static_cast<int>(to_.spelling_.size()) - 1;
  }

  // "cancel*" or "cancel". A word with two foldings is two words, either of which will do.
  std::vector<int> numbers(std::string_view written) {
    if (written == "#") {
      if (to_.number_ < 0) to_.number_ = new_number("#");
      return {to_.number_};
    }
    const bool beginning = written.ends_with('*');
    std::vector<int> found;
    for (auto& folded : foldings(beginning ? written.substr(0, written.size() - 1) : written)) {
      auto& names = beginning ? to_.beginnings_ : to_.words_;
      const auto known = names.find(folded);
      if (known != names.end()) {
        found.push_back(known->second);
        continue;
      }
      const int number = new_number(folded);
      names.emplace(folded, number);
      remember_typos(folded, number);
      found.push_back(number);
    }
    return found;
  }

  void remember_typos(const std::string& word, int number) {
    if (word.size() < kShortestTypo) return;
    for (std::size_t i = 1; i <= word.size(); ++i) to_.near_.emplace_back(hash_without(word, i), number);
  }

  // Adds `written`, one word or several, to a set.
  void add_to_set(int set, std::string_view written, const Position& at, const std::string& path) {
    const auto parts = parts_of(written);
    if (parts.empty()) return problems_.add(at, path, "must not be empty");
    std::vector<int> words;
    for (std::size_t i = 1; i < parts.size(); ++i) words.push_back(numbers(parts[i]).front());
    int rest = 0;
    if (!words.empty()) {
      rest = static_cast<int>(to_.rests_.size());
      to_.rests_.push_back(std::move(words));
    }
    for (const int first : numbers(parts.front())) {
      to_.entries_[static_cast<std::size_t>(first)].push_back({set, rest});
    }
  }

  void read_set(const Node::Member& member) {
    const auto path = "words." + member.key;
    if (member.value.kind() != Node::Kind::list)
      return problems_.add(member.at, path, "must be a list of words");
    for (const auto& item : member.value.items()) add_to_set(sets_[member.key], item.text(), item.at(), path);
  }

  void read_list(const Node::Member& member, const std::vector<std::string>& known) {
    const auto path = "lists." + member.key;
    if (std::ranges::find(known, member.key) == known.end()) {
      problems_.add(member.at, path,
                    "unknown list" + did_you_mean(member.key, known) + "; there are " + join(known, ", ") +
                        ", and a list for each topic");
      return;
    }
    Fields in(member.value, path, problems_);
    const bool all = member.key == "not_meant";
    const int list = all ? Phrases::kAllLists : number_of_list(member.key);
    for (const char* key : {"any", "unless", "perhaps"}) {
      const bool unless = all || key == std::string_view("unless");
      const bool weak = key == std::string_view("perhaps");
      for (const auto& item : in.node(key).items()) read_phrase(item, {list, unless, weak}, in.path_of(key));
    }
    in.done();
  }

  struct Use {
    int list = 0;
    bool unless = false, weak = false;
  };

  int number_of_list(const std::string& name) {
    const auto known = std::ranges::find(to_.lists_, name);
    if (known != to_.lists_.end()) return static_cast<int>(known - to_.lists_.begin());
    to_.lists_.push_back(name);
    return static_cast<int>(to_.lists_.size()) - 1;
  }

  void read_phrase(const Node& item, const Use& use, const std::string& path) {
    const auto before = problems_.list().size();
    const auto written = parts_of(item.text());
    Phrases::Phrase phrase{.text = item.text(), .at = item.at(), .weak = use.weak};
    phrase.in_message = std::ranges::find(written, "&&") != written.end();
    std::vector<std::vector<Part>> groups;
    for (auto from = written.begin();; ++from) {
      const auto to =
          std::find_if(from, written.end(), [](auto part) { return part == "&" || part == "&&"; });
      groups.push_back(read_parts({from, to}, item, path));
      if (to == written.end()) break;
      from = to;
    }
    if (groups.size() > kMostGroups)
      problems_.add(item.at(), path, "has more than 4 parts with & between them");
    if (problems_.list().size() > before) return;
    phrase.groups = static_cast<std::uint8_t>(groups.size());
    Phrases::Variant variant;
    variant.list = use.list;
    variant.unless = use.unless;
    variant.phrase = static_cast<int>(to_.phrases_.size());
    to_.phrases_.push_back(std::move(phrase));
    for (const auto& parts : groups) {
      spell_out(parts, variant, item, path);
      ++variant.group;
    }
  }

  // One variant for each choice of the optional parts.
  void spell_out(const std::vector<Part>& parts, const Phrases::Variant& like, const Node& item,
                 const std::string& path) {
    const auto before = problems_.list().size();
    const auto optionals = std::ranges::count(parts, true, &Part::optional);
    for (std::size_t without = 0; without < (1u << optionals); ++without) {
      if (problems_.list().size() > before) return;  // once is enough
      std::vector<Element> elements;
      std::size_t choice = 0;
      for (const auto& part : parts) {
        if (!part.optional || !(without >> choice++ & 1)) elements.push_back(part.element);
      }
      keep(like, std::move(elements), item, path);
    }
  }

  std::vector<Part> read_parts(const std::vector<std::string_view>& of, const Node& item,
                               const std::string& path) {
    std::vector<Part> parts;
    std::size_t optionals = 0, gaps = 0;
    for (auto written : of) {
      Part part;
      part.optional = written.size() > 2 && written.starts_with('[') && written.ends_with(']');
      if (part.optional) written = written.substr(1, written.size() - 2);
      part.element = read_element(written, item, path);
      optionals += part.optional ? 1 : 0;
      gaps += part.element.kind == Kind::gap ? 1 : 0;
      parts.push_back(part);
    }
    if (optionals > kMostOptionals)
      problems_.add(item.at(), path, "has more than 7 optional words: write two phrases");
    if (gaps > kMostGaps)
      problems_.add(item.at(), path, "has more than 3 gaps: what it finds would be chance");
    return parts;
  }

  Element read_element(std::string_view written, const Node& item, const std::string& path) {
    if (written == "^") return {Kind::begin, static_cast<int>(Break::clause)};
    if (written == "$") return {Kind::end, static_cast<int>(Break::clause)};
    if (written == "^^") return {Kind::begin, static_cast<int>(Break::sentence)};
    if (written == "$$") return {Kind::end, static_cast<int>(Break::sentence)};
    if (written.size() == 2 && written[0] == '*') {
      const int width = written[1] - '0';
      if (width < 1 || width > kWidestGap) problems_.add(item.at(), path, "a gap is *1 to *8 words wide");
      return {Kind::gap, width};
    }
    if (written.find_first_of("[]") != std::string_view::npos) {
      problems_.add(item.at(), path, "`" + std::string(written) + "`: brackets stand around one whole word");
    }
    const auto ways = split(written, '|');
    if (ways.size() == 1 && written.find_first_of("@_") == std::string_view::npos) {
      const auto found = numbers(written);
      if (found.size() == 1) return {Kind::word, found.front()};
    }
    if (ways.size() == 1 && written.starts_with('@')) return {Kind::any_of, known_set(written, item, path)};
    const int set = new_set();
    for (const auto way : ways) {
      if (way.starts_with('@')) join_sets(known_set(way, item, path), set);
      else add_to_set(set, spaced(way), item.at(), path);
    }
    return {Kind::any_of, set};
  }

  // All words of one set are also words of the other.
  void join_sets(int from, int to) {
    for (auto& entries : to_.entries_) {
      const auto before = entries.size();
      for (std::size_t i = 0; i < before; ++i) {
        if (entries[i].set == from) entries.push_back({to, entries[i].rest});
      }
    }
  }

  int known_set(std::string_view written, const Node& item, const std::string& path) {
    const std::string name(written.substr(1));
    if (const auto known = sets_.find(name); known != sets_.end()) return known->second;
    std::vector<std::string> names;
    for (const auto& [key, set] : sets_) names.push_back(key);
    problems_.add(
        item.at(), path,
        "unknown `@" + name + "`" + did_you_mean(name, names) + "; `words` has " + join(names, ", "));
    return 0;
  }

  // Files the variant under its first word.
  void keep(Phrases::Variant variant, std::vector<Element> elements, const Node& item,
            const std::string& path) {
    if (!elements.empty() && elements.front().kind == Kind::begin) {
      variant.at_begin = static_cast<Break>(elements.front().value);
      elements.erase(elements.begin());
    }
    if (elements.empty() || elements.front().kind == Kind::gap || elements.front().kind == Kind::end) {
      return problems_.add(item.at(), path,
                           "`" + item.text() + "` must begin with a word that is always there");
    }
    if (elements.back().kind == Kind::gap) return problems_.add(item.at(), path, "must not end with a gap");
    const auto& [kind, value] = elements.front();
    auto& filed = (kind == Kind::word ? to_.by_word_ : to_.by_set_)[static_cast<std::size_t>(value)];
    // A gap of none stands for nothing: it may always follow.
    filed.push_back(
        {static_cast<int>(to_.variants_.size()), elements.size() > 1 ? elements[1] : Element{Kind::gap, 0}});
    variant.from = static_cast<std::uint32_t>(to_.elements_.size());
    variant.count = static_cast<std::uint32_t>(elements.size());
    std::ranges::copy(elements, std::back_inserter(to_.elements_));
    to_.variants_.push_back(variant);
  }

  Phrases& to_;
  Problems& problems_;
  std::string language_;
  std::map<std::string, int, std::less<>> sets_;
};

void Phrases::add_language(const Node& file, const std::vector<std::string>& known, Problems& problems) {
  const auto sorted = static_cast<std::ptrdiff_t>(near_.size());
  PhraseReader(*this, problems).read(file, known);
  // Common words are in hundreds of sets.
  for (auto& entries : entries_) {
    const auto less = [&](const Entry& a, const Entry& b) {
      return std::tie(a.set, rests_[static_cast<std::size_t>(a.rest)]) <
             std::tie(b.set, rests_[static_cast<std::size_t>(b.rest)]);
    };
    // What a language adds comes behind the others': most stand in order already.
    if (!std::ranges::is_sorted(entries, less)) std::ranges::sort(entries, less);
  }
  const std::span others(near_.begin(), near_.begin() + sorted), own(near_.begin() + sorted, near_.end());
  std::ranges::sort(own);
  std::vector<std::pair<std::uint32_t, int>> near;
  near.reserve(near_.size());
  std::ranges::merge(others, own, std::back_inserter(near));
  near_ = std::move(near);
}

}  // namespace baton::handoff
