#include "gateway/http/transport/certificate.h"

#include <climits>
#include <ctime>
#include <memory>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

namespace baton {
namespace {

struct Free {
  void operator()(BIO* bio) const { BIO_free(bio); }
  void operator()(X509* certificate) const { X509_free(certificate); }
};

int no_passphrase(char*, int, int, void*) { return 0; }

}  // namespace

std::optional<TimePoint> certificate_ends(std::string_view chain_pem) {
  constexpr int kMostInChain = 16;
  if (chain_pem.size() > INT_MAX) return std::nullopt;
  const std::unique_ptr<BIO, Free> bytes(
      BIO_new_mem_buf(chain_pem.data(), static_cast<int>(chain_pem.size())));
  std::optional<TimePoint> earliest;
  for (int i = 0; bytes && i < kMostInChain; ++i) {
    const std::unique_ptr<X509, Free> one(PEM_read_bio_X509(bytes.get(), nullptr, no_passphrase, nullptr));
    std::tm parts{};
    if (!one || ASN1_TIME_to_tm(X509_get0_notAfter(one.get()), &parts) != 1) break;
    const TimePoint end(std::chrono::seconds(::timegm(&parts)));
    if (!earliest || end < *earliest) earliest = end;
  }
  ERR_clear_error();
  return earliest;
}

}  // namespace baton
