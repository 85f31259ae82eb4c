// Files on servers as endpoints: each request becomes one file, data set or generation, whole
// before its events count as delivered.
#pragma once

#include <memory>
#include <span>
#include <string>

#include "bridge/publishers/file_format.h"
#include "bridge/transfer/transfer.h"

namespace copybridge::publishers {

/// One protocol's way of writing a file. Calls block.
class Uploader {
 public:
  virtual ~Uploader() = default;
  /// Writes a file as a whole under its name; one of that name is replaced. ErrorKind::peer_away
  /// or peer_refused.
  virtual Result<void> put(const std::string& name, ByteView contents) = 0;
  /// Ends the call under way. Any thread.
  virtual void stop() = 0;
  virtual void resume() = 0;
};

/// path, format, events_per_file and framing.
[[nodiscard]] std::vector<OptionSpec> remote_file_options();

/// Null where there are mistakes.
[[nodiscard]] std::unique_ptr<Publisher> make_remote_file(const PublisherContext& context,
                                                          const Options& options,
                                                          std::unique_ptr<Uploader> uploader,
                                                          Diagnostics& diagnostics);

/// A failed answer as an error of a put.
[[nodiscard]] tl::unexpected<Error> put_failed(std::string_view what,
                                               const transfer::Answer& answer);

/// Uploads by FTP, FTPS and SFTP; by z/OSMF.
extern const PublisherKind kFtpPublisher;
extern const PublisherKind kZosmfPublisher;

}  // namespace copybridge::publishers
