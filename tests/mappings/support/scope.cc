#include "tests/mappings/support/scope.h"

#include <fstream>
#include <sstream>

namespace baton::mappings {

std::string read_file(const std::string& path_from_root) {
  std::ifstream file(std::string(BATON_SOURCE_DIR) + "/" + path_from_root);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

nlohmann::json sample_scope() {
  auto scope = nlohmann::json::parse(read_file("tests/data/sample_event.json"))["data"];
  scope["handoff"] = {{"id", "hof_0193"},
                      {"state", "planned"},
                      {"sequence", 1},
                      {"owner", nullptr},
                      {"external_id", "baton-hof_0193"},
                      {"requested_at", "2026-11-20T09:58:07Z"},
                      {"team", "payments"}};
  scope["brief"] = {{"headline", "Charged twice for order 20931, wants one payment back"},
                    {"who", "Jörg Müller, Bäckerei Grün & Söhne, business"},
                    {"wanted", "A refund of the second payment of 129,90 €"},
                    {"went_wrong", "The assistant cannot cancel a captured payment (PAY-409)"},
                    {"tried", "Looked up order 20931: found, two captures; offered store credit: declined"},
                    {"next", "Refund the second capture"},
                    {"completeness", 0.86},
                    {"missing", {{{"field", "subscription"}}, {{"field", "open invoices"}}}}};
  scope["context"] = {{"stripe", {{"balance", 12990}, {"currency", "eur"}}}};
  scope["ticket"] = {{"id", nullptr}, {"url", nullptr}};
  scope["subject"] = {{"text", "A new message"}, {"type", "note"}};
  scope["settings"] = {{"group_id", "8447320466430"}};
  scope["now"] = "2026-11-20T09:58:09Z";
  return scope;
}

}  // namespace baton::mappings
