// An outline straight out of a stored record, without a tree of it: the text is skimmed once, and what
// figures are not made of is stepped over. tests/model/outline_test.cc holds it against Outline(Handoff).
#include <algorithm>

#include "gateway/base/date.h"
#include "gateway/model/codec.h"
#include "gateway/model/skimmer.h"

namespace baton {
namespace {

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
    else if (name == "replies") made_.replies = static_cast<int>(from_.integer().value_or(0));
    else if (name == "asked_again") asked_again();
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
  void asked_again() {
    made_.asked_again.clear();
    from_.items([&] { made_.asked_again.insert(text()); });
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
