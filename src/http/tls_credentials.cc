#include "http/tls_credentials.h"

#include <arpa/inet.h>
#include <gnutls/x509.h>

#include <algorithm>
#include <array>
#include <new>
#include <string_view>

namespace backlogd::http {
namespace {

using config::ClientAuth;
using config::ConfigError;

gnutls_datum_t Bytes(const std::string& text) {
  // GnuTLS reads only.
  return {reinterpret_cast<unsigned char*>(const_cast<char*>(text.data())),
          static_cast<unsigned>(text.size())};
}

[[noreturn]] void Refuse(const char* key, std::string_view why, std::string_view remedy) {
  throw ConfigError(std::string("tls_server_config.") + key,
                    std::string(why) + "; " + std::string(remedy));
}

void LoadKeyPair(gnutls_certificate_credentials_t credentials, const config::WebTls& tls) {
  const gnutls_datum_t cert = Bytes(tls.cert);
  const gnutls_datum_t key = Bytes(tls.key);
  const int result =
      gnutls_certificate_set_x509_key_mem(credentials, &cert, &key, GNUTLS_X509_FMT_PEM);
  if (result == GNUTLS_E_SUCCESS) return;
  Refuse("cert_file", gnutls_strerror(result),
         "certificate and key must be PEM, without a password, and belong to each other");
}

void LoadAuthorities(gnutls_certificate_credentials_t credentials, const config::WebTls& tls) {
  if (tls.client_ca.empty()) {
    gnutls_certificate_set_x509_system_trust(credentials);
    return;
  }
  const gnutls_datum_t authorities = Bytes(tls.client_ca);
  if (gnutls_certificate_set_x509_trust_mem(credentials, &authorities, GNUTLS_X509_FMT_PEM) <= 0) {
    Refuse("client_ca_file", "holds no certificate", "name a PEM file of certificate authorities");
  }
}

gnutls_certificate_request_t RequestOf(ClientAuth auth) {
  switch (auth) {
    case ClientAuth::kNoClientCert: return GNUTLS_CERT_IGNORE;
    case ClientAuth::kRequestClientCert:
    case ClientAuth::kVerifyClientCertIfGiven: return GNUTLS_CERT_REQUEST;
    default: return GNUTLS_CERT_REQUIRE;
  }
}

struct FreeCertificate {
  void operator()(gnutls_x509_crt_t certificate) const { gnutls_x509_crt_deinit(certificate); }
};
using Certificate = std::unique_ptr<std::remove_pointer_t<gnutls_x509_crt_t>, FreeCertificate>;

Certificate Parse(const gnutls_datum_t& der) {
  gnutls_x509_crt_t certificate = nullptr;
  if (gnutls_x509_crt_init(&certificate) != GNUTLS_E_SUCCESS) return nullptr;
  Certificate owned(certificate);
  const int result = gnutls_x509_crt_import(certificate, &der, GNUTLS_X509_FMT_DER);
  return result == GNUTLS_E_SUCCESS ? std::move(owned) : nullptr;
}

std::string ToAddress(const char* bytes, std::size_t size) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (size != 4 && size != 16) return "";
  const char* made = inet_ntop(size == 4 ? AF_INET : AF_INET6, bytes, text.data(), text.size());
  return made == nullptr ? "" : made;
}

// DNS names, e-mail and IP addresses and URIs.
std::vector<std::string> AlternativeNames(gnutls_x509_crt_t certificate) {
  std::vector<std::string> names;
  for (unsigned i = 0; i < 1024; ++i) {
    std::array<char, 1024> name{};
    std::size_t size = name.size();
    const int type =
        gnutls_x509_crt_get_subject_alt_name(certificate, i, name.data(), &size, nullptr);
    if (type == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE) break;
    if (type == GNUTLS_SAN_IPADDRESS) names.push_back(ToAddress(name.data(), size));
    if (type == GNUTLS_SAN_DNSNAME || type == GNUTLS_SAN_RFC822NAME || type == GNUTLS_SAN_URI) {
      names.emplace_back(name.data(), size);
    }
  }
  return names;
}

bool IsSigned(gnutls_session_t session) {
  std::string purpose = GNUTLS_KP_TLS_WWW_CLIENT;
  gnutls_typed_vdata_st demand{GNUTLS_DT_KEY_PURPOSE_OID,
                               reinterpret_cast<unsigned char*>(purpose.data()), 0};
  unsigned problems = 0;
  const int result = gnutls_certificate_verify_peers(session, &demand, 1, &problems);
  return result == GNUTLS_E_SUCCESS && problems == 0;
}

}  // namespace

TlsCredentials::TlsCredentials(const config::WebTls& tls)
    : request_(RequestOf(tls.client_auth)),
      verify_(tls.client_auth == ClientAuth::kVerifyClientCertIfGiven ||
              tls.client_auth == ClientAuth::kRequireAndVerifyClientCert),
      allowed_sans_(tls.client_allowed_sans) {
  gnutls_certificate_credentials_t credentials = nullptr;
  if (gnutls_certificate_allocate_credentials(&credentials) != GNUTLS_E_SUCCESS) {
    throw std::bad_alloc();
  }
  credentials_.reset(credentials);
  LoadKeyPair(credentials, tls);
  if (verify_) LoadAuthorities(credentials, tls);
  gnutls_certificate_set_verify_function(credentials, &VerifyClient);
  gnutls_priority_t priority = nullptr;
  const int result = gnutls_priority_init(&priority, PriorityOf(tls).c_str(), nullptr);
  if (result != GNUTLS_E_SUCCESS) {
    Refuse("min_version", gnutls_strerror(result),
           "this system's GnuTLS does not allow these versions, cipher suites and curves together");
  }
  priority_.reset(priority);
}

bool TlsCredentials::Apply(gnutls_session_t session) const {
  // The pointer for a store of sessions, which we have none of, tells the callback who we are:
  // the library that serves uses the session's own pointer itself.
  gnutls_db_set_ptr(session, const_cast<TlsCredentials*>(this));
  gnutls_certificate_server_set_request(session, request_);
  return gnutls_priority_set(session, priority_.get()) == GNUTLS_E_SUCCESS &&
         gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, credentials_.get()) ==
             GNUTLS_E_SUCCESS;
}

int TlsCredentials::VerifyClient(gnutls_session_t session) {
  const auto* self = static_cast<const TlsCredentials*>(gnutls_db_get_ptr(session));
  return self->IsWelcome(session) ? 0 : GNUTLS_E_CERTIFICATE_ERROR;
}

bool TlsCredentials::IsWelcome(gnutls_session_t session) const {
  if (request_ == GNUTLS_CERT_IGNORE) return true;
  unsigned count = 0;
  const gnutls_datum_t* peers = gnutls_certificate_get_peers(session, &count);
  if (peers == nullptr || count == 0) return request_ != GNUTLS_CERT_REQUIRE;
  if (verify_ && !IsSigned(session)) return false;
  if (allowed_sans_.empty()) return true;
  const Certificate certificate = Parse(peers[0]);
  if (certificate == nullptr) return false;
  const std::vector<std::string> names = AlternativeNames(certificate.get());
  return std::find_first_of(names.begin(), names.end(), allowed_sans_.begin(),
                            allowed_sans_.end()) != names.end();
}

}  // namespace backlogd::http
