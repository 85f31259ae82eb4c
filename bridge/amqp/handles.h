// Owners of Qpid Proton's objects.
#pragma once

#include <proton/codec.h>
#include <proton/connection_driver.h>
#include <proton/message.h>

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

using DataHandle = std::unique_ptr<pn_data_t, ProtonFree<pn_data_free>>;
using MessageHandle = std::unique_ptr<pn_message_t, ProtonFree<pn_message_free>>;

/// A connection with its transport, without any I/O.
class Driver {
 public:
  Driver() = default;
  ~Driver() { pn_connection_driver_destroy(&driver_); }
  Driver(const Driver&) = delete;
  Driver& operator=(const Driver&) = delete;
  [[nodiscard]] pn_connection_driver_t* get() const { return &driver_; }

 private:
  mutable pn_connection_driver_t driver_{};
};

}  // namespace copybridge::amqp
