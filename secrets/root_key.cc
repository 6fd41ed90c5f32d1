#include "secrets/root_key.h"

#include <charconv>

#include "gateway/base/text.h"
#include "secrets/wiped.h"

namespace baton::secrets {
namespace {

constexpr std::string_view kFirstLine = "baton-root-key 1";
constexpr std::size_t kMaxFileBytes = 64 * 1024;

Failure wrong_root(std::string detail) { return Failure(FailureKind::misconfigured, std::move(detail)); }

Result<RootKey> make_key(std::uint32_t version, const RandomBytes& random) {
  std::string bytes(kAesKeyBytes, '\0');
  const auto filled = random(bytes);
  Secret key(std::move(bytes));
  if (!filled) return filled.error();
  return RootKey{version, std::move(key)};
}

WipedText print(const RootKeys& keys) {
  auto text = wiped_text(kMaxFileBytes);
  text.append(kFirstLine).append("\n");
  for (const auto& [version, key] : keys.all()) {
    const Secret encoded(to_base64(key.bytes.reveal()));
    text.append(std::to_string(version)).append(" ").append(encoded.reveal()).append("\n");
  }
  return text;
}

std::optional<RootKey> read_line(std::string_view line) {
  const auto blank = line.find(' ');
  if (blank == std::string_view::npos) return std::nullopt;
  RootKey key;
  const auto [end, error] = std::from_chars(line.data(), line.data() + blank, key.version);
  if (error != std::errc() || end != line.data() + blank || key.version == 0) return std::nullopt;
  auto bytes = secret_from_base64(line.substr(blank + 1));
  if (!bytes || bytes->size() != kAesKeyBytes) return std::nullopt;
  key.bytes = std::move(*bytes);
  return key;
}

}  // namespace

Result<Done> make_root_key(const std::string& path, const RandomBytes& random, const BeforeStep& before) {
  if (identity_of(path)) {
    return Failure(FailureKind::rejected, path +
                                              " exists; a root key is never replaced, because what it sealed "
                                              "would be lost. To exchange it, rotate it");
  }
  auto key = make_key(1, random);
  if (!key) return key.error();
  RootKeys keys;
  keys.add(std::move(*key));
  return create_file(path, print(keys), before);
}

Result<RootKeys> load_root_keys(const std::string& path) {
  const auto file = read_private_file(path, kMaxFileBytes);
  if (!file) return file.error();
  if (!file->has_value()) {
    return wrong_root("the root key " + path +
                      " is missing. What it sealed is not lost: put the key file back. Only a "
                      "new installation makes a new one, with `baton secret init`");
  }
  const auto lines = split(trim((*file)->bytes.reveal()), '\n');
  if (lines.front() != kFirstLine) return wrong_root(path + " is no root key of Baton");
  RootKeys keys;
  for (std::size_t i = 1; i < lines.size(); ++i) {
    auto key = read_line(lines[i]);
    if (!key || keys.find(key->version))
      return wrong_root(path + ":" + std::to_string(i + 1) + " is damaged");
    keys.add(std::move(*key));
  }
  if (keys.empty()) return wrong_root(path + " holds no key");
  return keys;
}

Result<Done> add_root_key(const std::string& path, const RandomBytes& random, const BeforeStep& before) {
  auto keys = load_root_keys(path);
  if (!keys) return keys.error();
  auto key = make_key(keys->newest().version + 1, random);
  if (!key) return key.error();
  keys->add(std::move(*key));
  return replace_file(path, print(*keys), before);
}

Result<Done> retire_root_keys(const std::string& path, std::uint32_t oldest, const BeforeStep& before) {
  auto keys = load_root_keys(path);
  if (!keys) return keys.error();
  if (!keys->find(oldest)) {
    return wrong_root(path + " does not hold version " + std::to_string(oldest) + "; nothing was retired");
  }
  keys->remove_older_than(oldest);
  return replace_file(path, print(*keys), before);
}

}  // namespace baton::secrets
