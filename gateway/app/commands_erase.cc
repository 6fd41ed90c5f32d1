// erase: forgets a person, by the running gateway or by itself where none runs.
#include <iostream>
#include <memory>

#include <CLI/CLI.hpp>

#include "gateway/app/commands.h"
#include "gateway/app/store_task.h"
#include "gateway/base/json_view.h"
#include "gateway/base/uuid.h"
#include "gateway/journal/sqlite/backup.h"

namespace baton::app {
namespace {

using nlohmann::json;

// The same receipt as the running gateway's, in the same batch order: who cannot be recorded erases nothing.
Result<json> erase_alone(const Options& options, const Person& person, const std::string& why,
                         ExitCode& exit) {
  exit = ExitCode::refused;
  auto store = OwnStore::open(options, exit);
  if (!store) return store.error();
  Random random(static_cast<std::uint64_t>(wall_now().time_since_epoch().count()));
  const auto receipt = make_id("era", wall_now(), random);
  Batch batch;
  batch.audit.emplace_back(wall_now(), "command line", "store.erase", receipt, why);
  const auto recorded = (*store)->await((*store)->journal().commit(std::move(batch)));
  if (!recorded) return recorded.error();
  const auto erased = (*store)->await((*store)->journal().erase(person));
  if (!erased) return erased.error();
  return json{{"handoffs", erased->handoffs}, {"mentions", erased->mentions}, {"receipt", receipt}};
}

ExitCode erase(const Context& context, const Person& person, const std::string& why) {
  if (person.empty()) return complain(ExitCode::usage, "say whom: --email ADDRESS, --customer ID, or both");
  const auto options = options_for_store(context);
  if (!options) return ExitCode::finding;
  json result;
  if (!context.admin_url.empty() || store_is_owned(options->data_dir)) {
    json body = {{"why", why}};
    if (!person.email.empty()) body["email"] = person.email;
    if (!person.customer.empty()) body["customer"] = person.customer;
    const auto exit = run_store_task(context, "/v1/store/erase", body, result);
    if (exit != ExitCode::ok) return exit;
  } else {
    ExitCode exit = ExitCode::ok;
    auto erased = erase_alone(*options, person, why, exit);
    if (!erased) return complain(exit, erased.error().detail);
    result = std::move(*erased);
  }
  const JsonView view(result);
  if (context.output == Output::json) {
    print_json(result);
  } else {
    std::cout << "erased from " << view["handoffs"].id().value_or("0") << " handoffs of theirs and "
              << view["mentions"].id().value_or("0") << " other rows; receipt " << view["receipt"].text()
              << '\n';
  }
  std::cerr << "Not reached from here: what vendors keep, and backups made before. Erase there too.\n";
  return ExitCode::ok;
}

}  // namespace

void add_erase_command(CLI::App& app, Context& context, Chosen& chosen) {
  auto person = std::make_shared<Person>();
  auto why = std::make_shared<std::string>();
  auto* command = app.add_subcommand("erase", "Forgets a person: their data leaves the store's files");
  command->add_option("--email", person->email, "Their address");
  command->add_option("--customer", person->customer, "Their id, as events give it in customer.id");
  command->add_option("--why", *why, "For the audit log; do not name them")->required();
  command->callback([&context, &chosen, person, why] {
    chosen = [&context, person, why] { return erase(context, *person, *why); };
  });
}

}  // namespace baton::app
