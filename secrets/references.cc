#include "secrets/references.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

#include "secrets/sealed_store.h"
#include "secrets/wiped.h"

namespace baton::secrets {
namespace {

constexpr std::string_view kForms = "{secret: name}, {file: path} or {env: NAME}";

Failure wrong(const Position& at, std::string_view what) {
  return Failure(FailureKind::misconfigured, fmt::format("{}: {}", at.text(), what));
}

std::optional<SecretSource> source_named(std::string_view key) {
  if (key == "secret") return SecretSource::secret;
  if (key == "file") return SecretSource::file;
  if (key == "env") return SecretSource::env;
  return std::nullopt;
}

// What is wrong with the node, or "". Never shows a scalar: it may be the secret itself.
std::string fault_of(const Node& node) {
  switch (node.kind()) {
    case Node::Kind::missing:
    case Node::Kind::null: return fmt::format("a secret is needed here: write {}", kForms);
    case Node::Kind::scalar:
      return "secrets never stand in the configuration; write {secret: name} and run `baton secret set "
             "name`. If "
             "this was a real secret, exchange it: it has been in a file";
    case Node::Kind::list: return fmt::format("one secret is expected here, not a list: write {}", kForms);
    case Node::Kind::map: break;
  }
  if (node.members().size() != 1) return fmt::format("must be exactly one of {}", kForms);
  const auto& [key, at, value] = node.members().front();
  if (!source_named(key)) {
    const std::vector<std::string> known{"secret", "file", "env"};
    return fmt::format("unknown key `{}`{}; write {}", key, did_you_mean(key, known), kForms);
  }
  if (value.kind() != Node::Kind::scalar || value.text().empty()) {
    return fmt::format("`{}` needs a text: write {}", key, kForms);
  }
  if (key == "secret" && !well_formed_name(value.text())) {
    return "this is no name of a secret (letters, digits and . _ - / only); write {secret: name} and run "
           "`baton "
           "secret set name`";
  }
  return {};
}

// "\n" or "\r\n", as editors and `echo` leave it.
std::string_view without_line_break(std::string_view text) {
  if (text.ends_with('\n')) text.remove_suffix(1);
  else return text;
  if (text.ends_with('\r')) text.remove_suffix(1);
  return text;
}

Failure cannot_read(const Reference& reference, int error, const struct stat* seen) {
  const auto mode = seen ? fmt::format(" (mode {:04o}, owner {}; we are user {})", seen->st_mode & 07777,
                                       seen->st_uid, ::geteuid())
                         : std::string();
  const auto remedy = error == ENOENT ? "check the path" : "let this user read it";
  return wrong(reference.at, fmt::format("cannot read the secret file {}: {}{}; {}", reference.name,
                                         std::generic_category().message(error), mode, remedy));
}

// As much as fits; nullopt on error, which errno tells.
std::optional<Secret> read_up_to(int descriptor, std::size_t limit) {
  std::string bytes;
  bytes.reserve(limit);
  bytes.resize(limit);
  std::size_t have = 0;
  for (;;) {
    const auto got = ::read(descriptor, bytes.data() + have, limit - have);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) {
      const Secret wiped(std::move(bytes));
      return std::nullopt;
    }
    have += static_cast<std::size_t>(got);
    if (got == 0 || have == limit) break;
  }
  const Secret whole(std::move(bytes));
  return secret_from(whole.reveal().substr(0, have));
}

Result<Secret> from_file(const Reference& reference) {
  struct stat seen{};
  const bool visible = ::stat(reference.name.c_str(), &seen) == 0;
  // Asked before it is opened: a pipe or a device could block or have an effect.
  if (visible && !S_ISREG(seen.st_mode)) {
    return wrong(reference.at, fmt::format("the secret file {} is not a regular file", reference.name));
  }
  const int descriptor = ::open(reference.name.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0) return cannot_read(reference, errno, visible ? &seen : nullptr);
  const auto bytes = read_up_to(descriptor, kMaxSecretBytes + 3);
  const int error = errno;
  ::close(descriptor);
  if (!bytes) return cannot_read(reference, error, &seen);

  const auto value = without_line_break(bytes->reveal());
  if (value.empty()) return wrong(reference.at, fmt::format("the secret file {} is empty", reference.name));
  if (value.size() > kMaxSecretBytes) {
    return wrong(reference.at,
                 fmt::format("the secret file {} is larger than {} bytes", reference.name, kMaxSecretBytes));
  }
  return secret_from(value);
}

std::optional<std::string> from_process(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  return value ? std::optional<std::string>(value) : std::nullopt;
}

Result<Secret> from_environment(const Reference& reference, const Sources& sources) {
  auto found = sources.environment ? sources.environment(reference.name) : from_process(reference.name);
  if (!found) {
    return wrong(reference.at,
                 fmt::format("the environment has no variable {}; set it before Baton is started, or "
                             "better keep the secret in the store with `baton secret set`",
                             reference.name));
  }
  const Secret whole(std::move(*found));
  const auto value = without_line_break(whole.reveal());
  if (value.empty()) return wrong(reference.at, fmt::format("the variable {} is empty", reference.name));
  return secret_from(value);
}

// With the place in the configuration before the store's own sentence.
template <class T>
Result<T> placed(const Reference& reference, Result<T> found) {
  if (found) return found;
  return Failure(found.error().kind, fmt::format("{}: {}", reference.at.text(), found.error().detail));
}

Result<Reference> reference_of(const Node& node) {
  Problems problems;
  auto reference = read_reference(node, "", problems);
  if (!reference) return Failure(FailureKind::misconfigured, problems.list().front().text());
  return std::move(*reference);
}

Failure no_store(const Reference& reference) {
  return wrong(
      reference.at,
      fmt::format("the secret `{}` cannot be looked up: no sealed store is open; `baton secret init` "
                  "makes one, once, and `baton secret set {}` sets the secret",
                  reference.name, reference.name));
}

}  // namespace

std::optional<Reference> read_reference(const Node& node, const std::string& path, Problems& problems) {
  if (auto fault = fault_of(node); !fault.empty()) {
    problems.add(node.at(), path, std::move(fault));
    return std::nullopt;
  }
  const auto& member = node.members().front();
  return Reference{*source_named(member.key), member.value.text(), member.value.at()};
}

namespace {

Result<Secret> find_one(const Reference& reference, const Sources& sources) {
  switch (reference.source) {
    case SecretSource::file: return from_file(reference);
    case SecretSource::env: return from_environment(reference, sources);
    case SecretSource::secret: break;
  }
  if (!sources.store) return no_store(reference);
  return placed(reference, sources.store->get(reference.name));
}

Result<std::vector<Secret>> find_all(const Reference& reference, const Sources& sources) {
  if (reference.source == SecretSource::secret && sources.store) {
    return placed(reference, sources.store->get_all(reference.name));
  }
  auto one = find_one(reference, sources);
  if (!one) return one.error();
  std::vector<Secret> all;
  all.push_back(std::move(*one));
  return all;
}

}  // namespace

Result<Secret> resolve(const Reference& reference, const Sources& sources) {
  auto found = find_one(reference, sources);
  if (found && sources.opened) sources.opened(*found);
  return found;
}

Result<std::vector<Secret>> resolve_all(const Reference& reference, const Sources& sources) {
  auto found = find_all(reference, sources);
  if (!found || !sources.opened) return found;
  for (const auto& value : *found) sources.opened(value);
  return found;
}

Result<Secret> resolve(const Node& node, const Sources& sources) {
  const auto reference = reference_of(node);
  return reference ? resolve(*reference, sources) : Result<Secret>(reference.error());
}

Result<std::vector<Secret>> resolve_all(const Node& node, const Sources& sources) {
  const auto reference = reference_of(node);
  return reference ? resolve_all(*reference, sources) : Result<std::vector<Secret>>(reference.error());
}

}  // namespace baton::secrets
