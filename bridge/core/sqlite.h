// SQLite behind types that close what they open. Only this file's .cc includes sqlite3.h.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "bridge/core/bytes.h"
#include "bridge/core/error.h"

struct sqlite3;
struct sqlite3_stmt;

namespace copybridge {

/// A prepared statement. Bind from 1, step, read columns from 0; reset() before the next use.
/// Belongs to the thread of its Database.
class Statement {
 public:
  Statement() = default;

  void bind(int index, std::int64_t value);
  void bind(int index, std::string_view text);
  void bind(int index, ByteView blob);
  void bind_null(int index);
  /// True: a row is there. False: done. ErrorKind::storage otherwise (disk full, locked, damaged).
  Result<bool> step();
  /// step() of a statement without rows, then reset().
  Result<void> run();
  void reset();

  [[nodiscard]] std::int64_t integer(int column) const;
  [[nodiscard]] std::string text(int column) const;
  /// Valid until the next step() or reset().
  [[nodiscard]] ByteView blob(int column) const;
  [[nodiscard]] bool is_null(int column) const;

 private:
  friend class Database;
  struct Finalizer {
    void operator()(sqlite3_stmt* statement) const;
  };
  std::unique_ptr<sqlite3_stmt, Finalizer> statement_;
};

/// One connection, for one thread. Journal WAL, synchronous FULL: a committed transaction is on
/// the disk.
class Database {
 public:
  /// Opens or makes the file with mode 0600. ErrorKind::storage.
  static Result<Database> open(const std::filesystem::path& path);

  Result<void> execute(std::string_view sql);
  Result<Statement> prepare(std::string_view sql);
  /// Rows changed by the last statement, and the row id of the last insert.
  [[nodiscard]] std::int64_t changes() const;
  [[nodiscard]] std::int64_t last_insert_id() const;

 private:
  struct Closer {
    void operator()(sqlite3* database) const;
  };
  std::unique_ptr<sqlite3, Closer> database_;
};

/// BEGIN IMMEDIATE until commit(); rolls back where commit() was not reached.
class Transaction {
 public:
  static Result<Transaction> begin(Database& database);
  Transaction(Transaction&& other) noexcept;
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction();
  Result<void> commit();

 private:
  explicit Transaction(Database& database) : database_(&database) {}
  Database* database_;
};

}  // namespace copybridge
