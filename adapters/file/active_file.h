// An arrival that is under way: what is durable of it and how far this process has come.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "adapters/file/arrivals.h"
#include "adapters/file/reader.h"
#include "bridge/core/clock.h"

namespace copybridge::adapters::file {

struct ActiveFile {
  Arrival arrival;  ///< as it is stored

  /// Where the stored checkpoint is; nothing until this process has compared the prefix.
  std::optional<Mark> settled_mark;
  std::optional<Mark> read_mark;  ///< where reading goes on
  std::uint64_t next_number = 1;  ///< of the next record to hand out
  std::size_t outstanding = 0;    ///< batches that are read and not settled
  bool is_recovered = false;      ///< an earlier process began it
  bool read_to_end = false;       ///< nothing is left to hand out
  bool has_gap = false;           ///< a record came back: reading goes back to the checkpoint
  bool is_checked = true;         ///< false: the trailer is verified before records go out
  bool notice_is_out = false;     ///< the end event is read and not settled
  bool is_forgotten = false;      ///< no row may be left: what comes under its name is new

  Fault fault = Fault::none;  ///< what is wrong, found by this process, stored at the end
  /// The file as it is to be known from now on, where that differs from what was begun.
  std::optional<Signature> end_signature;
  SteadyTime::duration verified_in{0};  ///< what comparing the prefix took
  std::optional<SteadyTime> retry_at;   ///< it could not be read or moved; tried again then

  /// Reads again from the checkpoint.
  void rewind() {
    read_mark = settled_mark;
    next_number = arrival.checkpoint.settled + 1;
    read_to_end = false;
    has_gap = false;
  }
  [[nodiscard]] bool is_settled() const {
    return read_to_end && !has_gap && outstanding == 0 && !notice_is_out;
  }
};

}  // namespace copybridge::adapters::file
