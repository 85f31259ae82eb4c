// A store of objects: what an object publisher needs of S3, Blob Storage, Cloud Storage. Each says
// only its URLs, headers and what an answer means.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "bridge/http/authorizer.h"
#include "bridge/http/client.h"
#include "bridge/publishers/publisher.h"

namespace copybridge::publishers::objects {

/// One request after another, each waited for.
class Channel {
 public:
  Channel(http::ClientSettings settings, std::unique_ptr<http::Authorizer> authorizer);

  /// ErrorKind::config.
  [[nodiscard]] Result<void> open();
  /// Sends a call with its credentials and waits for the answer. One thread at a time.
  [[nodiscard]] http::Answer exchange(http::Call call);
  /// Of the authorizer; any thread.
  [[nodiscard]] Result<bool> renew();
  /// Every exchange ends with Failure::stopped from now on, also one under way. Any thread.
  void stop();

 private:
  const http::ClientSettings settings_;
  const std::unique_ptr<http::Authorizer> authorizer_;
  std::mutex mutex_;  ///< of client and authorizer
  bool is_stopped_ = true;
  http::Client client_;
};

/// What is to be there, whole or not at all.
struct Object {
  std::string name;
  std::string_view bytes;
  std::string_view content_type;
  std::string sha256;  ///< of the bytes, hexadecimal; kept with the object
  /// An earlier run may have left parts of it behind.
  bool is_repeat = false;
};

enum class Created : std::uint8_t {
  now,
  taken  ///< there is an object of that name, and it was left alone
};

/// A Response holds one outcome other than accepted.
template <typename T>
using Stored = tl::expected<T, Response>;

class ObjectStore {
 public:
  virtual ~ObjectStore() = default;
  /// Puts an object where there is none of its name. Nobody sees it before it is whole.
  [[nodiscard]] virtual Stored<Created> create(Channel& channel, const Object& object) = 0;
  /// The SHA-256 that create() kept with an object; empty: it has none, nothing: no such object.
  [[nodiscard]] virtual Stored<std::optional<std::string>> digest_of(Channel& channel,
                                                                     const std::string& name) = 0;
  /// Where its objects lie, for `state` and messages: URL of bucket or container, no secret.
  [[nodiscard]] virtual const std::string& place() const = 0;
};

/// The name under which create() keeps the digest.
inline constexpr std::string_view kDigestName = "sha256";

/// A call for an object at a place, or for what `query` says of it; bytes of no type.
[[nodiscard]] http::Call call_to(const std::string& place, std::string method,
                                 std::string_view name, std::string_view query = {});
/// What one event might be to blame for is refused: an object holds many.
[[nodiscard]] Response of_an_object(Response refused);
/// An answer without a status as a Response; nothing where there is a status.
[[nodiscard]] std::optional<Response> failure_of(const http::Answer& answer);
/// The value of a header; empty: none. `name` in lower case.
[[nodiscard]] std::string header_of(const http::Answer& answer, std::string_view name);
/// An answer that is not good and that the store does not know better.
[[nodiscard]] Response refused_by_status(const http::Answer& answer, std::string_view details);
/// A part of an object is with the store, and nobody sees it.
void note_part_sent();
/// What is in an answer's body or headers was not expected: sent again.
[[nodiscard]] Response unexpected(std::string_view what);

}  // namespace copybridge::publishers::objects
