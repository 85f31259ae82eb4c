// One client's connection: requests in, answers out, one after the other.
#pragma once

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>

#include "adapters/http/access.h"
#include "adapters/http/message.h"
#include "adapters/http/server.h"

namespace copybridge::adapters::http {

/// Counts a body's bytes while it lives.
class Reservation {
 public:
  Reservation(std::shared_ptr<std::atomic<std::uint64_t>> total, std::uint64_t bytes)
      : total_(std::move(total)), bytes_(bytes) {
    *total_ += bytes_;
  }
  ~Reservation() { *total_ -= bytes_; }
  Reservation(const Reservation&) = delete;
  Reservation& operator=(const Reservation&) = delete;

 private:
  const std::shared_ptr<std::atomic<std::uint64_t>> total_;
  const std::uint64_t bytes_;
};

/// What the listener can do to any connection.
class Closable {
 public:
  virtual ~Closable() = default;
  /// Ends it now where no request is under way or `at_once` says so, otherwise after its answer.
  virtual void end(bool at_once) = 0;
};

/// What the connections of a listener share. Members without a word about it are the listener's
/// thread's.
class Shared {
 public:
  Shared(ServerSettings server_settings, Handler& request_handler, const Clock& its_clock,
         Log& its_log)
      : settings(std::move(server_settings)),
        handler(request_handler),
        clock(its_clock),
        log(its_log),
        context(std::make_shared<boost::asio::io_context>(1)),
        access(settings.access, its_clock) {}

  /// Why a request is not let in by what stands before its body; nothing: it is. `who` becomes its
  /// sender's name.
  [[nodiscard]] std::optional<Answer> check_head(std::string_view method, std::string_view target,
                                                 std::string_view authorization, std::string& who);
  /// Room for a body in memory; null: there is none.
  [[nodiscard]] std::shared_ptr<const Reservation> reserve(std::uint64_t bytes) const;
  void note_refused(unsigned status, std::string_view reason);
  /// What was refused since the last line of the log.
  void log_refused();

  /// Any thread.
  void add(Closable* connection);
  void remove(Closable* connection);
  [[nodiscard]] std::size_t count() const;
  /// The listener's thread: end() of all of them.
  void end_all(bool at_once);

  const ServerSettings settings;
  Handler& handler;
  const Clock& clock;
  Log& log;
  const std::shared_ptr<boost::asio::io_context> context;
  Access access;
  bool refuses_all = false;
  std::shared_ptr<std::atomic<std::uint64_t>> waiting_bytes =
      std::make_shared<std::atomic<std::uint64_t>>(0);

 private:
  mutable std::mutex mutex_;
  std::set<Closable*> connections_;
  std::uint64_t refused_ = 0;
  unsigned refused_status_ = 0;
  std::string refused_reason_;
  std::optional<SteadyTime> logged_at_;
};

/// Serves a connection until it ends. `is_surplus`: there are too many already.
void serve_plain(boost::asio::ip::tcp::socket socket, std::shared_ptr<Shared> shared,
                 bool is_surplus);
void serve_tls(boost::asio::ip::tcp::socket socket, boost::asio::ssl::context& tls,
               std::shared_ptr<Shared> shared, bool is_surplus);

}  // namespace copybridge::adapters::http
