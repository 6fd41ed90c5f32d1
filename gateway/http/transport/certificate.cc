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
  if (chain_pem.size() > INT_MAX) return std::nullopt;
  const std::unique_ptr<BIO, Free> bio(BIO_new_mem_buf(chain_pem.data(), static_cast<int>(chain_pem.size())));
  const std::unique_ptr<X509, Free> leaf(bio ? PEM_read_bio_X509(bio.get(), nullptr, no_passphrase, nullptr)
                                             : nullptr);
  std::tm when{};
  const bool read = leaf && ASN1_TIME_to_tm(X509_get0_notAfter(leaf.get()), &when) == 1;
  ERR_clear_error();
  if (!read) return std::nullopt;
  return TimePoint(std::chrono::seconds(::timegm(&when)));
}

}  // namespace baton
