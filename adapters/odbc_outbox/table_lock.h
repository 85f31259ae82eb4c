// One reader of a table on this machine, where the database cannot lock single rows.
#pragma once

#include <string>

#include "bridge/core/error.h"

namespace copybridge::adapters::odbc_outbox {

/// A socket with a name of its own in the kernel: it goes with the process, however that ends.
class TableLock {
 public:
  /// `place`: what tells the table from others.
  explicit TableLock(std::string place) : place_(std::move(place)) {}
  ~TableLock() { release(); }
  TableLock(const TableLock&) = delete;
  TableLock& operator=(const TableLock&) = delete;

  /// Fails where another process, or another source of this one, has it.
  Result<void> take();
  void release();

 private:
  const std::string place_;
  int socket_ = -1;
};

}  // namespace copybridge::adapters::odbc_outbox
