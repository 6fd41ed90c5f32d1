#include "secrets/sealed_record.h"

#include "gateway/base/mutant.h"
#include "gateway/base/text.h"
#include "secrets/wiped.h"

namespace baton::secrets {
namespace {

constexpr char kFormat = 1;
constexpr std::size_t kWrappedAt = 1 + 4 + kNonceBytes;
constexpr std::size_t kNonceAt = kWrappedAt + kAesKeyBytes + kTagBytes;
constexpr std::size_t kBodyAt = kNonceAt + kNonceBytes;

std::string big_endian(std::uint64_t value, std::size_t bytes) {
  std::string out(bytes, '\0');
  for (; bytes > 0; value >>= 8) out[--bytes] = static_cast<char>(value & 0xff);
  return out;
}

std::uint32_t read_u32(std::string_view bytes) {
  std::uint32_t value = 0;
  for (const char c : bytes.substr(0, 4)) value = value << 8 | static_cast<unsigned char>(c);
  return value;
}

// Each part with its length before it: no two contexts give the same bytes.
std::string associated(std::string_view layer, const RecordContext& context) {
  std::string out(1, kFormat);
  for (const std::string_view part : {layer, std::string_view(context.purpose),
                                      std::string_view(context.workspace), std::string_view(context.owner),
                                      std::string_view(context.field), std::string_view(context.record_id)}) {
    if (BATON_MUTANT(place_not_authenticated)) break;
    out += big_endian(part.size(), 4);
    out += part;
  }
  return out + big_endian(context.version, 8);
}

std::string associated_of_wrap(std::uint32_t key_version, const RecordContext& context) {
  return associated("data key", context) + big_endian(key_version, 4);
}

// The head of a record: everything up to the nonce of its body.
Result<std::string> wrap(const RootKey& root, const RecordContext& context, std::string_view data_key,
                         const RandomBytes& random) {
  std::string nonce(kNonceBytes, '\0');
  if (const auto filled = random(nonce); !filled) return filled.error();
  const auto wrapped =
      gcm_seal(root.bytes.reveal(), nonce, associated_of_wrap(root.version, context), data_key);
  if (!wrapped) return wrapped.error();
  return std::string(1, kFormat) + big_endian(root.version, 4) + nonce + *wrapped;
}

Result<Secret> unwrap(const RootKeys& roots, const RecordContext& context, std::string_view record) {
  if (record.size() < kBodyAt + kTagBytes || record.front() != kFormat) {
    return Failure(FailureKind::rejected, "this is no sealed record, or it was cut off");
  }
  const auto version = read_u32(record.substr(1));
  const auto* root = roots.find(version);
  if (!root) {
    return Failure(FailureKind::misconfigured, "the record was sealed with version " +
                                                   std::to_string(version) +
                                                   " of the root key, which the key file does not hold");
  }
  return gcm_open(root->bytes.reveal(), record.substr(5, kNonceBytes), associated_of_wrap(version, context),
                  record.substr(kWrappedAt, kAesKeyBytes + kTagBytes));
}

}  // namespace

std::string RootKey::id() const {
  const auto key = MacKey::make(Digest::sha256, bytes.reveal());
  const auto code = key ? key->mac({"baton root key id"}) : Result<std::string>(key.error());
  return code ? to_hex(std::string_view(*code).substr(0, 8)) : std::string();
}

const RootKey& RootKeys::newest() const {
  BATON_CHECK(!keys_.empty());
  return keys_.rbegin()->second;
}

const RootKey* RootKeys::find(std::uint32_t version) const {
  const auto found = keys_.find(version);
  return found == keys_.end() ? nullptr : &found->second;
}

void RootKeys::add(RootKey key) {
  BATON_CHECK(key.bytes.size() == kAesKeyBytes);
  keys_.insert_or_assign(key.version, std::move(key));
}

void RootKeys::remove_older_than(std::uint32_t version) {
  keys_.erase(keys_.begin(), keys_.lower_bound(version));
}

Result<std::string> seal(const RootKey& root, const RecordContext& context, std::string_view plaintext,
                         const RandomBytes& random) {
  std::string fresh(kAesKeyBytes, '\0');
  const auto filled = random(fresh);
  const Secret data_key(std::move(fresh));
  if (!filled) return filled.error();
  auto record = wrap(root, context, data_key.reveal(), random);
  if (!record) return record;

  std::string nonce(kNonceBytes, '\0');
  if (BATON_MUTANT(nonce_reused)) nonce = record->substr(5, kNonceBytes);
  else if (const auto again = random(nonce); !again) return again.error();
  const auto body = gcm_seal(data_key.reveal(), nonce, associated("body", context), plaintext);
  if (!body) return body.error();
  return *record + nonce + *body;
}

Result<Secret> unseal(const RootKeys& roots, const RecordContext& context, std::string_view record) {
  const auto data_key = unwrap(roots, context, record);
  if (!data_key) return data_key.error();
  return gcm_open(data_key->reveal(), record.substr(kNonceAt, kNonceBytes), associated("body", context),
                  record.substr(kBodyAt));
}

Result<std::string> rewrap(const RootKeys& roots, const RootKey& to, const RecordContext& context,
                           std::string_view record, const RandomBytes& random) {
  const auto data_key = unwrap(roots, context, record);
  if (!data_key) return data_key.error();
  const auto head = wrap(to, context, data_key->reveal(), random);
  if (!head) return head.error();
  return *head + std::string(record.substr(kNonceAt));
}

}  // namespace baton::secrets
