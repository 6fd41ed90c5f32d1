#include "certificates.h"

#include <cstdio>

#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include "gateway/base/check.h"

namespace baton {
namespace {

void extend(X509* certificate, X509* issuer, int what, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  auto* const extension = X509V3_EXT_conf_nid(nullptr, &context, what, value.c_str());
  BATON_CHECK(extension);
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

Identity blank(const std::string& name, const Identity* issuer, long days) {
  Identity made{{EVP_EC_gen("P-256"), EVP_PKEY_free}, {X509_new(), X509_free}};
  auto* const certificate = made.certificate.get();
  static long serial = 0;
  X509_set_version(certificate, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), ++serial);
  X509_gmtime_adj(X509_getm_notBefore(certificate), -30L * 86400);
  X509_gmtime_adj(X509_getm_notAfter(certificate), days * 86400);
  X509_set_pubkey(certificate, made.key.get());
  auto* const subject = X509_get_subject_name(certificate);
  X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
  X509_set_issuer_name(certificate, issuer ? X509_get_subject_name(issuer->certificate.get()) : subject);
  return made;
}

void sign(const Identity& made, const Identity* issuer) {
  BATON_CHECK(X509_sign(made.certificate.get(), (issuer ? issuer : &made)->key.get(), EVP_sha256()) > 0);
}

}  // namespace

Identity make_authority(const std::string& name) {
  auto made = blank(name, nullptr, 1);
  extend(made.certificate.get(), made.certificate.get(), NID_basic_constraints, "critical,CA:TRUE");
  extend(made.certificate.get(), made.certificate.get(), NID_key_usage, "critical,keyCertSign,cRLSign");
  sign(made, nullptr);
  return made;
}

Identity make_server(const std::string& alt_names, const Identity* issuer, long days_from_now) {
  auto made = blank("server", issuer, days_from_now);
  extend(made.certificate.get(), (issuer ? issuer : &made)->certificate.get(), NID_subject_alt_name,
         alt_names);
  sign(made, issuer);
  return made;
}

std::unique_ptr<boost::asio::ssl::context> tls_server(const Identity& identity, int max_version) {
  auto context = std::make_unique<boost::asio::ssl::context>(boost::asio::ssl::context::tls_server);
  auto* const native = context->native_handle();
  SSL_CTX_use_certificate(native, identity.certificate.get());
  SSL_CTX_use_PrivateKey(native, identity.key.get());
  if (max_version != 0) {
    SSL_CTX_set_security_level(native, 0);
    SSL_CTX_set_min_proto_version(native, 0);
    SSL_CTX_set_max_proto_version(native, max_version);
  }
  return context;
}

std::string to_file(const Identity& identity, const std::string& name) {
  const auto path = testing::TempDir() + "baton_" + std::to_string(::getpid()) + "_" + name + ".pem";
  auto* const file = std::fopen(path.c_str(), "w");
  BATON_CHECK(file);
  PEM_write_X509(file, identity.certificate.get());
  std::fclose(file);
  return path;
}

}  // namespace baton
