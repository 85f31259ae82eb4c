// Where the files of a source lie: this machine's file system, or a server that they are fetched
// from. Everything else about arrivals, checkpoints and settlement is the same for both.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/file/arrivals.h"
#include "adapters/file/identity.h"
#include "adapters/file/settings.h"
#include "bridge/core/descriptor.h"
#include "bridge/core/error.h"
#include "bridge/core/state.h"

namespace copybridge::adapters::file {

/// A file as the listing found it.
struct FoundFile {
  std::filesystem::path path;
  Signature signature;
};

struct Listing {
  std::vector<FoundFile> files;   ///< each path once, in no order
  std::set<std::string> folders;  ///< on this machine, to be watched for changes
};

/// A file opened for reading.
struct OpenedFile {
  Descriptor descriptor;  ///< not open: there is no file of that name any more
  Signature signature;    ///< as the store knows it
  std::string change;     ///< how it is not the one that was listed; empty where it is
};

/// How finishing ended.
struct Finished {
  /// The file is not the one that was read, or no longer; it lies under its own name again and
  /// was not touched. Empty otherwise.
  std::string change;
  std::optional<Signature> now;  ///< of what lies under its name, where it has changed
};

/// Nothing: the answer is on its way. `wake` is called when it is there, and the same question
/// then gets it.
template <typename T>
using Pending = Result<std::optional<T>>;

/// All methods are called by the source's thread. Errors are ErrorKind::source where the files or
/// their server cannot be reached now, storage where this machine's disk is at fault.
class Store {
 public:
  virtual ~Store() = default;

  /// The first word of messages: the adapter's kind.
  [[nodiscard]] virtual std::string_view kind() const = 0;

  /// Takes up after an earlier run, whose arrivals these are. `wake` may be called by any thread
  /// until close() returns.
  virtual Result<void> open(const StateDirectory& state, const std::vector<Arrival>& unfinished,
                            std::function<void()> wake) = 0;
  virtual void close() = 0;

  /// Whether an answer is on its way, or there and not taken.
  [[nodiscard]] virtual bool is_busy() const = 0;
  /// The last answer, where it was an error: while the next one is on its way nothing says that
  /// the server is back.
  [[nodiscard]] virtual const std::optional<Error>& trouble() const = 0;

  /// All files of the patterns, but for trigger files, private names and what lies where files are
  /// moved to.
  virtual Pending<Listing> list() = 0;

  /// Whether open_file() answers at once, so that a file can be looked at before its arrival has
  /// a number.
  [[nodiscard]] virtual bool is_at_hand() const = 0;
  virtual Pending<OpenedFile> open_file(const Arrival& arrival) = 0;

  /// How an arrival's file, which was opened as `opened`, is not the one that was begun; empty
  /// where it is.
  [[nodiscard]] virtual std::string change_of(const Arrival& arrival,
                                              const Signature& opened) const = 0;
  /// Of a name as it is now, or as the last listing had it; nothing where there is none.
  [[nodiscard]] virtual std::optional<Signature> signature_of(
      const std::filesystem::path& path) const = 0;
  /// Whether a name is known to be gone.
  [[nodiscard]] virtual bool is_missing(const std::filesystem::path& path) const = 0;
  /// Whether the file begins with what a checkpoint was made of.
  [[nodiscard]] virtual Result<bool> has_prefix(const std::filesystem::path& path,
                                                const Checkpoint& checkpoint) const = 0;

  /// Moves, renames or deletes the file of an arrival, and its trigger. Takes up an earlier attempt
  /// that was cut off at any point; nothing is overwritten. Durable when it has answered.
  virtual Pending<Finished> finish(const Arrival& arrival, const Disposal& disposal) = 0;

  /// Nothing more is asked about an arrival.
  virtual void forget(const Arrival& arrival) = 0;
};

}  // namespace copybridge::adapters::file
