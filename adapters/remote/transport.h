// What a server's protocol must be able to do so that its files can be a source: list, fetch, look,
// rename, delete. Calls block; all but stop() belong to one thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bridge/core/error.h"
#include "bridge/transfer/transfer.h"

namespace copybridge::adapters::remote {

/// A file as its server describes it. Two equal descriptions are an untouched file, as far as the
/// server tells.
struct RemoteFile {
  std::string name;  ///< as it is fetched by: a path, `'HLQ.DATA'`, `JOB00044.x`
  std::uint64_t size = 0;
  bool is_size_exact = false;  ///< of the bytes that are fetched
  std::int64_t time_ns = 0;    ///< since 1970, UTC; 0: the server says none
  std::string version = {};    ///< anything else that changes with it
  /// Whether another file of this name could look the same.
  [[nodiscard]] bool is_vague() const { return time_ns == 0; }
};

/// How a fetch ended. A failure of the server is an Error.
enum class FetchEnd : std::uint8_t {
  whole,      ///< all of it went through the sink
  missing,    ///< there is no such file
  no_resume,  ///< it can only be fetched from its start
};

/// Errors: ErrorKind::source, or peer_refused where somebody has to correct something before
/// trying again can help. Messages begin with the kind and hold no secret.
class Transport {
 public:
  virtual ~Transport() = default;

  /// All files of a pattern, as the options write it.
  virtual Result<std::vector<RemoteFile>> list(const std::string& pattern) = 0;
  /// One file by its name; nothing where there is none.
  virtual Result<std::optional<RemoteFile>> look(const std::string& name) = 0;
  /// Gives the sink the file's bytes from an offset on.
  virtual Result<FetchEnd> fetch(const std::string& name, std::uint64_t offset,
                                 const transfer::Sink& sink) = 0;
  /// The name a file has in another folder, or with a suffix: in a data set's name both stand
  /// within the quotes.
  [[nodiscard]] virtual std::string moved_name(const std::string& name,
                                               const std::string& folder) const = 0;
  [[nodiscard]] virtual std::string suffixed_name(const std::string& name,
                                                  const std::string& suffix) const = 0;
  virtual Result<void> rename(const std::string& from, const std::string& to) = 0;
  virtual Result<void> remove(const std::string& name) = 0;

  /// Ends the call under way. Any thread.
  virtual void stop() = 0;
  /// Undoes stop(), before the first call of a run.
  virtual void resume() = 0;
  /// Closes connections.
  virtual void disconnect() = 0;
};

/// A failed answer as an error: `ftp: LIST /in: the server's words`.
[[nodiscard]] tl::unexpected<Error> failed(std::string_view doing, const transfer::Answer& answer);

/// `*`, `?` and `[]`; a leading dot must be named.
[[nodiscard]] bool matches(const std::string& pattern, const std::string& name);

}  // namespace copybridge::adapters::remote
