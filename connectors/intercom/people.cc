#include "connectors/intercom/people.h"

#include <algorithm>
#include <tuple>

#include "gateway/base/text.h"

namespace baton::intercom {
namespace {

using nlohmann::json;

constexpr std::string_view kArchived = "archived";  // stands in the receipt's place of a link

bool is_address(std::string_view email) {
  return email.find('@') != std::string_view::npos && email.size() <= 254 &&
         email.find_first_of(" \t\r\n<>") == std::string_view::npos;
}

bool prefers_external_id(const sdk::Settings& settings) { return settings["contact_key"] == "external_id"; }

sdk::Read search_contacts(const Api& api, const std::string& email) {
  return api.search("/contacts/search", {"email", "=", email});
}

sdk::Read by_external_id(const Api& api, const std::string& id) {
  return api.get("/contacts/find_by_external_id/" + percent_encode(id));
}

// Users before leads, our own id before others, then whoever was seen last.
auto rank(const json& contact, const std::string& external_id) {
  const JsonView view(contact);
  return std::tuple(view["role"].text() != "user",
                    external_id.empty() || view["external_id"].text() != external_id,
                    -view["last_seen_at"].integer().value_or(0), -view["updated_at"].integer().value_or(0),
                    view["id"].id().value_or(""));
}

Result<People> read_matches(const Reply& reply, const std::string& email, const std::string& external_id) {
  auto body = parsed(reply, FailureKind::retryable, "Intercom's search for a contact");
  if (!body) return body.error();
  const auto list = body->find("data");
  if (list == body->end() || !list->is_array())
    return Failure(FailureKind::retryable, "Intercom's search for a contact carries no list");
  People people;
  for (auto& one : *list) {
    const auto id = JsonView(one)["id"].id();
    if (!id || id->empty())
      return Failure(FailureKind::retryable, "Intercom's search holds a contact without an id");
    if (equals_ignoring_case(JsonView(one)["email"].text(), email)) people.contacts.push_back(std::move(one));
  }
  std::ranges::sort(people.contacts, [&](const json& a, const json& b) {
    return rank(a, external_id) < rank(b, external_id);
  });
  if (people.contacts.size() > 1) {
    const JsonView first(people.contacts.front());
    const bool own = !external_id.empty() && first["external_id"].text() == external_id;
    people.why = std::to_string(people.contacts.size()) + " contacts bear this e-mail; taken is " +
                 first["id"].id().value_or("") +
                 (own ? ", the one with our id" : ", a user before leads, seen last");
  }
  return people;
}

// 404 says that nobody has the id; 410 names the contact that this one was merged into.
Result<std::optional<std::string>> merged_into(const Reply& reply) {
  if (reply.status != 410) return std::optional<std::string>();
  const auto link = header(reply.headers, "link");
  constexpr std::string_view kPath = "</contacts/";
  const auto at = link.find(kPath);
  const auto end = at == std::string_view::npos ? at : link.find('>', at);
  if (end == std::string_view::npos)
    return Failure(FailureKind::retryable, "Intercom merged the contact into nobody");
  return std::optional(std::string(link.substr(at + kPath.size(), end - at - kPath.size())));
}

Result<People> read_one(const Reply& reply) {
  People people;
  if (reply.status == 404) return people;
  auto body = parsed(reply, FailureKind::retryable, "Intercom's contact");
  if (!body) return body.error();
  const auto id = JsonView(*body)["id"].id();
  if (!id || id->empty() || JsonView(*body)["type"].text("contact") != "contact")
    return Failure(FailureKind::retryable, "Intercom answered a contact without an id");
  people.contacts.push_back(std::move(*body));
  return people;
}

Task<People> find_by_id(const Api& api, std::string id, sdk::ReadSession& session) {
  const auto reply = co_await session.read(by_external_id(api, id));
  if (!reply) co_return reply.error();
  const auto other = merged_into(*reply);
  if (!other) co_return other.error();
  if (!*other) co_return read_one(*reply);
  const auto again = co_await session.read(api.get("/contacts/" + percent_encode(**other)));
  if (!again) co_return again.error();
  co_return read_one(*again);
}

// Of somebody to whom nothing else leads: a repetition meets the same contact.
std::string own_id(const std::string& external_id) { return external_id.substr(0, external_id.find('/')); }

// What no contact can be refused for.
json plain_contact(JsonView customer, const std::string& external_id) {
  json contact = {{"role", "user"}, {"external_id", own_id(external_id)}};
  if (const auto name = customer["name"].text(); !name.empty()) contact["name"] = clip_utf8(name, 255);
  return contact;
}

// The address or phone number as the customer typed it, or a contact that is gone for good (section 3.1).
bool refuses_contact(const Failure& failure) {
  return failure.kind == FailureKind::rejected || failure.kind == FailureKind::target_gone;
}

// By e-mail there is no id of ours in it: the chat's customer id may be anything, also somebody else's here.
json new_contact(JsonView customer, const std::string& external_id, const sdk::Settings& settings) {
  json contact = {{"role", "user"}};
  const auto email = customer["email"].text(), id = customer["id"].text();
  if (is_address(email)) contact["email"] = email;
  if (prefers_external_id(settings) && !id.empty()) contact["external_id"] = id;
  if (contact.size() == 1) contact["external_id"] = own_id(external_id);
  if (const auto name = customer["name"].text(); !name.empty()) contact["name"] = clip_utf8(name, 255);
  if (const auto phone = customer["phone"].text(); !phone.empty()) contact["phone"] = phone;
  return contact;
}

Result<Receipt> read_made(const Reply& reply) {
  const auto body = parsed(reply, FailureKind::ambiguous, "Intercom's answer to a contact");
  if (!body) return body.error();
  const JsonView view(*body);
  if (reply.status != 409) {
    const auto id = view["id"].id();
    if (!id || id->empty() || view["type"].text() != "contact")
      return Failure(FailureKind::ambiguous, "Intercom answered a contact without an id");
    return Receipt(*id);
  }
  const auto id = id_in_conflict(reply.body);
  if (id.empty()) return Failure(FailureKind::ambiguous, "Intercom knows the contact and does not say which");
  const bool archived = to_lower(reply.body).find("archived contact") != std::string::npos;
  return Receipt(id, archived ? std::string(kArchived) : std::string());
}

}  // namespace

std::string id_in_conflict(std::string_view text) {
  constexpr std::string_view kMark = "id=";
  const auto at = text.find(kMark);
  if (at == std::string_view::npos) return {};
  const auto rest = text.substr(at + kMark.size());
  const auto end =
      std::ranges::find_if_not(rest, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z'); });
  return std::string(rest.begin(), end);
}

Task<People> find_people(const Api& api, json customer, const sdk::Settings& settings,
                         sdk::ReadSession& session) {
  const auto id = JsonView(customer)["id"].text(), email = JsonView(customer)["email"].text();
  if (!id.empty() && (prefers_external_id(settings) || !is_address(email))) {
    auto found = co_await find_by_id(api, id, session);
    if (!found || !found->contacts.empty() || !is_address(email)) co_return found;
  }
  if (!is_address(email)) co_return People();
  const auto reply = co_await session.read(search_contacts(api, email));
  if (!reply) co_return reply.error();
  co_return read_matches(*reply, email, id);
}

namespace {

sdk::Step contact_step(std::string name, const Api& api, const json& contact) {
  return sdk::Step(std::move(name), api.post("/contacts", contact), read_made, sdk::repeatable);
}

Task<Receipt> make_contact(const Api& api, const json& customer, const sdk::Order& order,
                           sdk::Session& session) {
  const auto made = co_await session.once(
      contact_step("contact", api, new_contact(customer, order.external_id, order.settings)));
  if (!made || made->url != kArchived) co_return made;
  sdk::Step wake("unarchive",
                 api.post("/contacts/" + percent_encode(made->object_id) + "/unarchive", json::object()),
                 read_made, sdk::repeatable);
  co_return co_await session.once(std::move(wake));
}

}  // namespace

// A person in need is worth more than their address, which stands in the brief as well: whoever Intercom
// takes no contact for is the handoff's own.
Task<Receipt> ensure_contact(const Api& api, const sdk::Order& order, sdk::Session& session) {
  const auto* given = JsonView(order.document)["customer"].raw();
  const json customer = given && given->is_object() ? *given : json::object();
  auto people = co_await find_people(api, customer, order.settings, session);
  if (!people && !refuses_contact(people.error())) co_return people.error();
  if (people && !people->contacts.empty())
    co_return Receipt(JsonView(people->contacts.front())["id"].id().value_or(""));
  auto made = co_await make_contact(api, customer, order, session);
  if (made || !refuses_contact(made.error())) co_return made;
  auto plain =
      co_await session.once(contact_step("contact_plain", api, plain_contact(customer, order.external_id)));
  if (plain && plain->url == kArchived)
    co_return Failure(FailureKind::rejected, "the contact of this handoff is archived: bring it back");
  co_return plain;
}

}  // namespace baton::intercom
