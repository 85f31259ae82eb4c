// The tables object_claims and object_numbers.
#include "bridge/publishers/objects/claims.h"

#include <fmt/format.h>

#include <chrono>
#include <optional>
#include <utility>

namespace copybridge::publishers::objects {
namespace {

constexpr std::chrono::hours kForgottenAfter{24 * 30};

constexpr std::string_view kTables =
    "CREATE TABLE IF NOT EXISTS object_claims (owner TEXT NOT NULL, sequence INTEGER NOT NULL,"
    " sha256 TEXT NOT NULL, name TEXT NOT NULL, encoding TEXT NOT NULL, bytes INTEGER NOT NULL,"
    " records INTEGER NOT NULL, first_id TEXT NOT NULL, last_id TEXT NOT NULL,"
    " ids TEXT NOT NULL, is_stored INTEGER NOT NULL, at INTEGER NOT NULL,"
    " PRIMARY KEY (owner, sequence, sha256));"
    "CREATE TABLE IF NOT EXISTS object_numbers (owner TEXT PRIMARY KEY, next INTEGER NOT NULL)";

std::int64_t seconds_now() {
  return std::chrono::duration_cast<std::chrono::seconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

/// The columns `sequence` and `ids`.
Result<IdLedger::Entry> read_entry(const Statement& row, int sequence, int ids) {
  const auto number = static_cast<std::uint64_t>(row.integer(sequence));
  std::optional<std::vector<Hash128>> hashes = IdLedger::hashes_in(row.text(ids));
  if (!hashes) {
    return fail(
        ErrorKind::storage,
        fmt::format("object_claims: the ids of object {} are damaged: restore the state directory",
                    number));
  }
  return IdLedger::Entry{number, std::move(*hashes)};
}

std::int64_t signed_of(std::uint64_t number) { return static_cast<std::int64_t>(number); }

}  // namespace

Result<ObjectClaims> ObjectClaims::open(Database database, std::string owner) {
  Result<void> made = database.execute(kTables);
  if (!made) return pass_on(made);
  Result<Statement> old = database.prepare("DELETE FROM object_claims WHERE owner = ? AND at < ?");
  if (!old) return pass_on(old);
  old->bind(1, owner);
  old->bind(2, seconds_now() - std::chrono::seconds(kForgottenAfter).count());
  if (auto deleted = old->run(); !deleted) return pass_on(deleted);
  return ObjectClaims(std::move(database), std::move(owner));
}

Result<std::vector<Claim>> ObjectClaims::undecided() {
  Result<Statement> query = database_.prepare(
      "SELECT sequence, name, encoding, sha256, bytes, ids, first_id, last_id FROM object_claims"
      " WHERE owner = ? AND is_stored = 0 ORDER BY sequence, rowid");
  if (!query) return pass_on(query);
  query->bind(1, owner_);
  std::vector<Claim> claims;
  for (;;) {
    const Result<bool> row = query->step();
    if (!row) return pass_on(row);
    if (!*row) return claims;
    Result<IdLedger::Entry> entry = read_entry(*query, 0, 5);
    if (!entry) return pass_on(entry);
    claims.push_back({.sequence = entry->sequence,
                      .name = query->text(1),
                      .encoding = query->text(2),
                      .sha256 = query->text(3),
                      .bytes = static_cast<std::uint64_t>(query->integer(4)),
                      .hashes = std::move(entry->hashes),
                      .first_id = query->text(6),
                      .last_id = query->text(7)});
  }
}

Result<IdLedger> ObjectClaims::stored() {
  Result<Statement> query = database_.prepare(
      "SELECT sequence, ids FROM object_claims WHERE owner = ? AND is_stored = 1"
      " ORDER BY sequence");
  if (!query) return pass_on(query);
  query->bind(1, owner_);
  IdLedger ledger("");
  for (;;) {
    const Result<bool> row = query->step();
    if (!row) return pass_on(row);
    if (!*row) return ledger;
    Result<IdLedger::Entry> entry = read_entry(*query, 0, 1);
    if (!entry) return pass_on(entry);
    ledger.add(std::move(*entry));
  }
}

Result<std::uint64_t> ObjectClaims::next_sequence() {
  Result<Statement> query = database_.prepare("SELECT next FROM object_numbers WHERE owner = ?");
  if (!query) return pass_on(query);
  query->bind(1, owner_);
  const Result<bool> row = query->step();
  if (!row) return pass_on(row);
  return *row ? static_cast<std::uint64_t>(query->integer(0)) : 1;
}

Result<void> ObjectClaims::claim(const Claim& claim) {
  Result<Transaction> transaction = Transaction::begin(database_);
  if (!transaction) return pass_on(transaction);
  Result<Statement> insert =
      database_.prepare("INSERT INTO object_claims VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?)");
  if (!insert) return pass_on(insert);
  insert->bind(1, owner_);
  insert->bind(2, signed_of(claim.sequence));
  insert->bind(3, claim.sha256);
  insert->bind(4, claim.name);
  insert->bind(5, claim.encoding);
  insert->bind(6, signed_of(claim.bytes));
  insert->bind(7, static_cast<std::int64_t>(claim.hashes.size()));
  insert->bind(8, claim.first_id);
  insert->bind(9, claim.last_id);
  insert->bind(10, IdLedger::value_of(claim.hashes));
  insert->bind(11, seconds_now());
  if (auto inserted = insert->run(); !inserted) return inserted;
  Result<Statement> number = database_.prepare(
      "INSERT INTO object_numbers VALUES (?1, ?2) ON CONFLICT (owner) DO UPDATE SET next ="
      " max(next, ?2)");
  if (!number) return pass_on(number);
  number->bind(1, owner_);
  number->bind(2, signed_of(claim.sequence + 1));
  if (auto noted = number->run(); !noted) return noted;
  return transaction->commit();
}

Result<void> ObjectClaims::remove(std::string_view condition, std::uint64_t sequence,
                                  std::string_view sha256) {
  std::string text = "DELETE FROM object_claims WHERE owner = ? AND sequence = ?";
  Result<Statement> statement = database_.prepare(text.append(condition));
  if (!statement) return pass_on(statement);
  statement->bind(1, owner_);
  statement->bind(2, signed_of(sequence));
  if (!sha256.empty()) statement->bind(3, sha256);
  return statement->run();
}

Result<void> ObjectClaims::note_stored(const Claim& claim,
                                       const std::vector<std::uint64_t>& obsolete) {
  Result<Transaction> transaction = Transaction::begin(database_);
  if (!transaction) return pass_on(transaction);
  if (auto others = remove(" AND sha256 <> ?", claim.sequence, claim.sha256); !others) {
    return others;
  }
  Result<Statement> update =
      database_.prepare("UPDATE object_claims SET is_stored = 1 WHERE owner = ? AND sequence = ?");
  if (!update) return pass_on(update);
  update->bind(1, owner_);
  update->bind(2, signed_of(claim.sequence));
  if (auto updated = update->run(); !updated) return updated;
  for (const std::uint64_t sequence : obsolete) {
    if (auto removed = remove(" AND is_stored = 1", sequence, {}); !removed) return removed;
  }
  return transaction->commit();
}

Result<void> ObjectClaims::drop(std::uint64_t sequence) { return remove("", sequence, {}); }

}  // namespace copybridge::publishers::objects
