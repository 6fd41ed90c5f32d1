#include "gateway/handoff/decide_cases.h"

#include <algorithm>

namespace baton::handoff {
namespace {

using nlohmann::json;

constexpr int kDeepest = 32;

json scalar_of(const Node& node) {
  if (node.quoted()) return node.text();
  auto value = json::parse(node.text(), nullptr, false);
  if (value.is_boolean() || value.is_number() || value.is_null()) return value;
  return node.text();
}

json value_of(const Node& node, int depth) {
  if (depth > kDeepest) return nullptr;
  switch (node.kind()) {
    case Node::Kind::missing:
    case Node::Kind::null: return nullptr;
    case Node::Kind::scalar: return scalar_of(node);
    case Node::Kind::list: {
      auto list = json::array();
      for (const auto& item : node.items()) list.push_back(value_of(item, depth + 1));
      return list;
    }
    case Node::Kind::map: {
      auto map = json::object();
      for (const auto& member : node.members()) map[member.key] = value_of(member.value, depth + 1);
      return map;
    }
  }
  return nullptr;
}

std::string rows_of(const HandoverDecision& decision) {
  std::string rows;
  for (const auto& reason : decision.why)
    rows += (rows.empty() ? "" : "; ") + reason.row + ": " + reason.because;
  return rows.empty() ? "no row fired" : rows;
}

void check_case(const Node& item, const DecisionRules& rules, Problems& problems) {
  Fields in(item, "cases", problems);
  const auto name = in.required_text("name");
  const auto decision = decide(json_of(in.node("request")), rules);
  Fields expect(in.node("expect"), "cases.expect", problems);
  const auto differs = [&](const char* key, const std::string& wanted, std::string_view found) {
    if (wanted.empty() || wanted == found) return;
    problems.add(item.at(), name,
                 std::string(key) + " is `" + std::string(found) + "`, not `" + wanted + "` (" +
                     rows_of(decision) + ")");
  };
  const std::vector<std::string> decisions = {"hand_over", "go_on"};
  differs("decision", expect.one_of("decision", "", decisions), decision.hand_over ? "hand_over" : "go_on");
  differs("team", expect.text("team"), decision.team);
  differs("priority", expect.text("priority"), baton::name(decision.priority));
  differs("category", expect.text("category"), decision.category);
  const auto row = expect.text("row");
  if (!row.empty() && std::ranges::find(decision.why, row, &Reason::row) == decision.why.end()) {
    problems.add(item.at(), name, "the row `" + row + "` did not fire (" + rows_of(decision) + ")");
  }
  expect.done();
  in.done();
}

}  // namespace

json json_of(const Node& node) { return value_of(node, 0); }

std::size_t check_decision_cases(const Node& file, const DecisionRules& rules, Problems& problems) {
  if (file.kind() != Node::Kind::list && file.kind() != Node::Kind::null && !file.missing()) {
    problems.add(file.at(), "", "must be a list of cases, each with name, request and expect");
  }
  for (const auto& item : file.items()) check_case(item, rules, problems);
  return file.items().size();
}

}  // namespace baton::handoff
