#include "gateway/http/transport/certificate.h"

#include <algorithm>
#include <ctime>
#include <memory>

#include <arpa/inet.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "gateway/http/transport/pem.h"

namespace baton {
namespace {

std::vector<Certificate> read_chain(std::string_view pem) {
  constexpr std::size_t kMost = 16;
  const Bio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  std::vector<Certificate> chain;
  while (bio && chain.size() < kMost) {
    Certificate next(PEM_read_bio_X509(bio.get(), nullptr, no_passphrase, nullptr));
    if (!next) break;
    chain.push_back(std::move(next));
  }
  ERR_clear_error();  // the end is reported as an error
  return chain;
}

TimePoint instant(const ASN1_TIME* time) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return {};
  return std::chrono::floor<Duration>(std::chrono::system_clock::from_time_t(::timegm(&parts)));
}

std::string subject_of(X509* certificate) {
  const auto* name = X509_get_subject_name(certificate);
  char text[256] = {};
  if (X509_NAME_get_text_by_NID(name, NID_commonName, text, sizeof text) > 0) return text;
  X509_NAME_oneline(name, text, sizeof text);
  return text;
}

std::string text_of(const ASN1_STRING* string) {
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(string)),
          static_cast<std::size_t>(ASN1_STRING_length(string))};
}

std::string address_of(const ASN1_OCTET_STRING* bytes) {
  char text[INET6_ADDRSTRLEN] = {};
  const int family = ASN1_STRING_length(bytes) == 4 ? AF_INET : AF_INET6;
  if (ASN1_STRING_length(bytes) != 4 && ASN1_STRING_length(bytes) != 16) return {};
  return ::inet_ntop(family, ASN1_STRING_get0_data(bytes), text, sizeof text) ? text : "";
}

std::vector<std::string> names_of(X509* certificate) {
  std::vector<std::string> names;
  auto* all =
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr));
  for (int i = 0; i < sk_GENERAL_NAME_num(all); ++i) {
    const auto* name = sk_GENERAL_NAME_value(all, i);
    if (name->type == GEN_DNS) names.push_back(text_of(name->d.dNSName));
    if (name->type == GEN_IPADD) names.push_back(address_of(name->d.iPAddress));
  }
  GENERAL_NAMES_free(all);
  return names;
}

bool issued(X509* issuer, X509* subject) { return X509_check_issued(issuer, subject) == X509_V_OK; }

}  // namespace

Result<CertificateFacts> read_certificate(std::string_view chain_pem) {
  const auto chain = read_chain(chain_pem);
  if (chain.empty())
    return Failure(FailureKind::misconfigured, "no certificate can be read (PEM, leaf first)");
  auto* leaf = chain.front().get();
  CertificateFacts facts;
  facts.subject = subject_of(leaf);
  facts.not_before = instant(X509_get0_notBefore(leaf));
  facts.not_after = instant(X509_get0_notAfter(leaf));
  facts.names = names_of(leaf);
  facts.self_signed = issued(leaf, leaf);
  facts.whole_chain = chain.size() > 1 || facts.self_signed;
  for (std::size_t i = 1; i < chain.size(); ++i) {
    facts.whole_chain = facts.whole_chain && issued(chain[i].get(), chain[i - 1].get());
    // Whichever ends first ends them all.
    facts.not_after = std::min(facts.not_after, instant(X509_get0_notAfter(chain[i].get())));
  }
  return facts;
}

std::optional<TimePoint> certificate_ends(std::string_view chain_pem) {
  const auto facts = read_certificate(chain_pem);
  return facts ? std::optional(facts->not_after) : std::nullopt;
}

}  // namespace baton
