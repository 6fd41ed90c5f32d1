#include "secrets/crypto.h"

#include <algorithm>
#include <climits>
#include <fstream>
#include <vector>

#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/pem.h>
#include <openssl/rand.h>

#include "gateway/base/mutant.h"
#include "secrets/wiped.h"

namespace baton::secrets {
namespace {

Failure broken(std::string_view what) {
  return Failure(FailureKind::retryable, "OpenSSL could not " + std::string(what));
}

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* bytes_of(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

struct FreeDigest {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
using DigestContext = std::unique_ptr<EVP_MD_CTX, FreeDigest>;

struct FreeCipher {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, FreeCipher>;

struct FreeMac {
  void operator()(EVP_MAC_CTX* context) const { EVP_MAC_CTX_free(context); }
};
using MacContext = std::unique_ptr<EVP_MAC_CTX, FreeMac>;

bool fits(std::string_view text) { return text.size() <= INT_MAX; }
int length(std::string_view text) { return static_cast<int>(text.size()); }

}  // namespace

Result<Done> fill_random(std::span<char> bytes) {
  const auto size = static_cast<int>(bytes.size());
  if (bytes.size() > INT_MAX || RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()), size) != 1) {
    return broken("give random bytes");
  }
  return Done{};
}

bool equal_in_constant_time(std::string_view secret, std::string_view given) {
  // With another size, `given` is compared with itself: the same work, whatever the secret is.
  const bool same_size = !secret.empty() && secret.size() == given.size();
  const auto against = same_size ? secret : given;
  const auto compared = BATON_MUTANT(signature_prefix_only) ? given.size() / 2 : given.size();
  const bool same_bytes = CRYPTO_memcmp(against.data(), given.data(), compared) == 0;
  return static_cast<unsigned>(same_size) & static_cast<unsigned>(same_bytes);
}

Result<std::string> sha256(std::initializer_list<std::string_view> parts) {
  const DigestContext context(EVP_MD_CTX_new());
  bool good = context && EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr) == 1;
  for (const auto part : parts) {
    good = good && EVP_DigestUpdate(context.get(), part.data(), part.size()) == 1;
  }
  std::string digest(32, '\0');
  good = good && EVP_DigestFinal_ex(context.get(), bytes_of(digest), nullptr) == 1;
  if (!good) return broken("compute a SHA-256");
  return digest;
}

Result<std::string> sha256_of_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  const DigestContext context(EVP_MD_CTX_new());
  bool good = context && EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr) == 1;
  std::vector<char> piece(1 << 20);
  while (good && file) {
    file.read(piece.data(), static_cast<std::streamsize>(piece.size()));
    good = EVP_DigestUpdate(context.get(), piece.data(), static_cast<std::size_t>(file.gcount())) == 1;
  }
  if (!file.eof() || file.bad()) return Failure(FailureKind::misconfigured, "cannot read " + path);
  std::string digest(32, '\0');
  good = good && EVP_DigestFinal_ex(context.get(), bytes_of(digest), nullptr) == 1;
  if (!good) return broken("compute a SHA-256");
  return digest;
}

Result<std::string> fingerprint(std::string_view text) {
  // Looked up once; lives as long as the process.
  static EVP_MAC* const siphash = EVP_MAC_fetch(nullptr, OSSL_MAC_NAME_SIPHASH, nullptr);
  constexpr std::string_view kKey = "baton.bodies.v01";  // fixed: fingerprints are stored
  constexpr std::size_t kBytes = 16;
  const MacContext context(siphash ? EVP_MAC_CTX_new(siphash) : nullptr);
  std::string print(kBytes, '\0');
  std::size_t size = 0;
  const bool good = context && EVP_MAC_init(context.get(), bytes_of(kKey), kKey.size(), nullptr) == 1 &&
                    EVP_MAC_update(context.get(), bytes_of(text), text.size()) == 1 &&
                    EVP_MAC_final(context.get(), bytes_of(print), &size, print.size()) == 1 && size == kBytes;
  if (!good) return broken("compute a SipHash");
  return print;
}

void MacKey::Free::operator()(evp_mac_ctx_st* context) const { EVP_MAC_CTX_free(context); }

Result<MacKey> MacKey::make(Digest digest, std::string_view key) {
  if (key.empty()) return Failure(FailureKind::rejected, "an empty key authenticates nothing");
  // Looked up once; lives as long as the process.
  static EVP_MAC* const hmac = EVP_MAC_fetch(nullptr, OSSL_MAC_NAME_HMAC, nullptr);
  if (!hmac) return broken("find HMAC");

  std::string digest_name = digest == Digest::sha256 ? "SHA256" : "SHA1";
  const OSSL_PARAM params[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest_name.data(), 0),
      OSSL_PARAM_construct_end(),
  };
  Context keyed(EVP_MAC_CTX_new(hmac));
  if (!keyed || EVP_MAC_init(keyed.get(), bytes_of(key), key.size(), params) != 1)
    return broken("key an HMAC");
  return MacKey(std::move(keyed));
}

Result<std::string> MacKey::mac(std::initializer_list<std::string_view> parts) const {
  const Context context(EVP_MAC_CTX_dup(keyed_.get()));  // each message its own: the key is shared
  bool good = context != nullptr;
  for (const auto part : parts) {
    good = good && EVP_MAC_update(context.get(), bytes_of(part), part.size()) == 1;
  }
  std::string code(EVP_MAX_MD_SIZE, '\0');
  std::size_t size = 0;
  good = good && EVP_MAC_final(context.get(), bytes_of(code), &size, code.size()) == 1;
  if (!good) return broken("compute an HMAC");
  code.resize(size);
  return code;
}

void SigningPair::Free::operator()(evp_pkey_st* key) const { EVP_PKEY_free(key); }

Result<SigningPair> SigningPair::from_seed(std::string_view seed) {
  if (seed.size() != kEd25519KeyBytes) return Failure(FailureKind::rejected, "an ed25519 seed has 32 bytes");
  Key key(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, bytes_of(seed), seed.size()));
  if (!key) return broken("read an ed25519 seed");
  return SigningPair(std::move(key), true);
}

Result<SigningPair> SigningPair::from_public_key(std::string_view public_key) {
  if (public_key.size() != kEd25519KeyBytes) {
    return Failure(FailureKind::rejected, "an ed25519 public key has 32 bytes");
  }
  Key key(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, bytes_of(public_key), public_key.size()));
  if (!key) return broken("read an ed25519 public key");
  return SigningPair(std::move(key), false);
}

Result<std::string> SigningPair::public_key() const {
  std::string bytes(kEd25519KeyBytes, '\0');
  auto size = bytes.size();
  if (EVP_PKEY_get_raw_public_key(key_.get(), bytes_of(bytes), &size) != 1 || size != bytes.size()) {
    return broken("derive an ed25519 public key");
  }
  return bytes;
}

Result<std::string> SigningPair::sign(std::string_view message) const {
  BATON_CHECK(has_private_);
  const DigestContext context(EVP_MD_CTX_new());
  std::string signature(64, '\0');
  auto size = signature.size();
  const bool good =
      context && EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key_.get()) == 1 &&
      EVP_DigestSign(context.get(), bytes_of(signature), &size, bytes_of(message), message.size()) == 1;
  if (!good || size != signature.size()) return broken("sign with ed25519");
  return signature;
}

bool SigningPair::verify(std::string_view message, std::string_view signature) const {
  const DigestContext context(EVP_MD_CTX_new());
  return context && EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key_.get()) == 1 &&
         EVP_DigestVerify(context.get(), bytes_of(signature), signature.size(), bytes_of(message),
                          message.size()) == 1;
}

Result<std::string> rsa_sha256_sign(const Secret& pem, std::string_view message) {
  constexpr int kShortestKey = 2048;
  struct Free {
    void operator()(BIO* bio) const { BIO_free(bio); }
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  };
  const auto text = pem.empty() ? std::string_view("no key") : pem.reveal();
  const std::unique_ptr<BIO, Free> source(BIO_new_mem_buf(text.data(), length(text)));
  if (!source) return broken("read a private key");
  // Without a callback OpenSSL would ask the terminal for a passphrase.
  const auto no_passphrase = [](char*, int, int, void*) { return -1; };
  const std::unique_ptr<EVP_PKEY, Free> key(
      PEM_read_bio_PrivateKey(source.get(), nullptr, no_passphrase, nullptr));
  if (!key || EVP_PKEY_get_base_id(key.get()) != EVP_PKEY_RSA ||
      EVP_PKEY_get_bits(key.get()) < kShortestKey) {
    return Failure(FailureKind::misconfigured,
                   "the private key is no unencrypted RSA key of at least 2048 bits in PEM form "
                   "(`openssl genrsa 2048` makes one)");
  }
  const DigestContext context(EVP_MD_CTX_new());
  std::string signature(static_cast<std::size_t>(EVP_PKEY_get_size(key.get())), '\0');
  auto size = signature.size();
  if (!context || EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key.get()) != 1 ||
      EVP_DigestSign(context.get(), bytes_of(signature), &size, bytes_of(message), message.size()) != 1) {
    return broken("sign");
  }
  signature.resize(size);
  return signature;
}

Result<std::string> gcm_seal(std::string_view key, std::string_view nonce, std::string_view associated,
                             std::string_view plaintext) {
  BATON_CHECK(key.size() == kAesKeyBytes && nonce.size() == kNonceBytes);
  BATON_CHECK(fits(associated) && fits(plaintext));
  const CipherContext context(EVP_CIPHER_CTX_new());
  std::string sealed(plaintext.size() + kTagBytes, '\0');
  int done = 0;
  const bool good =
      context &&
      EVP_EncryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, bytes_of(key), bytes_of(nonce)) == 1 &&
      EVP_EncryptUpdate(context.get(), nullptr, &done, bytes_of(associated), length(associated)) == 1 &&
      EVP_EncryptUpdate(context.get(), bytes_of(sealed), &done, bytes_of(plaintext), length(plaintext)) ==
          1 &&
      EVP_EncryptFinal_ex(context.get(), bytes_of(sealed) + done, &done) == 1 &&
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_GET_TAG, kTagBytes,
                          bytes_of(sealed) + plaintext.size()) == 1;
  if (!good) return broken("encrypt");
  return sealed;
}

Result<Secret> gcm_open(std::string_view key, std::string_view nonce, std::string_view associated,
                        std::string_view sealed) {
  BATON_CHECK(key.size() == kAesKeyBytes && nonce.size() == kNonceBytes);
  const Failure refused(FailureKind::rejected, "the sealed bytes are not what was sealed here");
  if (sealed.size() < kTagBytes || !fits(sealed) || !fits(associated)) return refused;
  const auto ciphertext = sealed.substr(0, sealed.size() - kTagBytes);
  std::string tag(sealed.substr(ciphertext.size()));

  const CipherContext context(EVP_CIPHER_CTX_new());
  std::string plaintext;
  plaintext.reserve(std::max(kOnHeap, ciphertext.size()));
  plaintext.resize(ciphertext.size());
  int done = 0;
  const bool good =
      context &&
      EVP_DecryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, bytes_of(key), bytes_of(nonce)) == 1 &&
      EVP_DecryptUpdate(context.get(), nullptr, &done, bytes_of(associated), length(associated)) == 1 &&
      EVP_DecryptUpdate(context.get(), bytes_of(plaintext), &done, bytes_of(ciphertext),
                        length(ciphertext)) == 1 &&
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_SET_TAG, kTagBytes, tag.data()) == 1 &&
      EVP_DecryptFinal_ex(context.get(), bytes_of(plaintext) + done, &done) == 1;
  Secret opened(std::move(plaintext));  // wiped on the way out if it is not returned
  if (!good) return refused;
  return opened;
}

std::optional<Secret> secret_from_base64(std::string_view text) {
  if (text.size() % 4 != 0 || !fits(text)) return std::nullopt;
  const auto padding = text.ends_with("==") ? 2u : text.ends_with("=") ? 1u : 0u;
  // EVP_DecodeBlock skips blanks and stops at '-'; only the alphabet itself may reach it.
  const bool clean = std::ranges::all_of(text.substr(0, text.size() - padding), [](unsigned char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '/';
  });
  // The bits of the last character that no byte takes are zero, or one key would have two spellings.
  constexpr std::string_view kLast[] = {"", "AEIMQUYcgkosw048", "AQgw"};
  const bool exact =
      padding == 0 || kLast[padding].find(text[text.size() - padding - 1]) != std::string_view::npos;
  if (!clean || !exact) return std::nullopt;
  std::string bytes;
  bytes.reserve(std::max(kOnHeap, text.size()));
  bytes.resize(text.size() / 4 * 3);
  const bool good = text.empty() || EVP_DecodeBlock(bytes_of(bytes), bytes_of(text), length(text)) >= 0;
  if (good) bytes.resize(bytes.size() - padding);
  Secret decoded(std::move(bytes));
  if (!good) return std::nullopt;
  return decoded;
}

}  // namespace baton::secrets
