// Owners of Qpid Proton's objects.
#pragma once

#include <proton/codec.h>
#include <proton/proactor.h>
#include <proton/ssl.h>

#include <memory>

namespace copybridge::amqp {

/// Calls Proton's own function at the end of an object's life.
template <auto kFree>
struct ProtonFree {
  template <typename T>
  void operator()(T* object) const {
    kFree(object);
  }
};

using ProactorHandle = std::unique_ptr<pn_proactor_t, ProtonFree<pn_proactor_free>>;
using DataHandle = std::unique_ptr<pn_data_t, ProtonFree<pn_data_free>>;
using SslDomainHandle = std::unique_ptr<pn_ssl_domain_t, ProtonFree<pn_ssl_domain_free>>;

}  // namespace copybridge::amqp
