// Boost.Beast without asynchrony.
#include "tests/support/http_post.h"

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>

namespace copybridge::support {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;

tcp::endpoint at(std::uint16_t port) { return {asio::ip::address_v4::loopback(), port}; }

}  // namespace

HttpReply send(const HttpPost& post) {
  asio::io_context context;
  tcp::socket socket(context);
  error_code error;
  socket.connect(at(post.port), error);
  if (error) return {};
  http::request<http::string_body> request;
  request.method_string(post.method);
  request.target(post.path);
  request.version(11);
  request.set(http::field::host, "127.0.0.1");
  if (!post.content_type.empty()) request.set(http::field::content_type, post.content_type);
  for (const auto& [name, value] : post.headers) request.set(name, value);
  request.body() = post.body;
  request.prepare_payload();
  // The listener may answer and close before it has read all of it.
  http::write(socket, request, error);
  beast::flat_buffer buffer;
  http::response<http::string_body> response;
  http::read(socket, buffer, response, error);
  if (error) return {};
  HttpReply reply{.status = response.result_int(), .body = response.body(), .headers = {}};
  for (const auto& field : response)
    reply.headers[std::string(field.name_string())] = std::string(field.value());
  return reply;
}

std::string send_raw(std::uint16_t port, std::string_view bytes) {
  asio::io_context context;
  tcp::socket socket(context);
  error_code error;
  socket.connect(at(port), error);
  if (!error) asio::write(socket, asio::buffer(bytes), error);
  std::string answer;
  asio::read(socket, asio::dynamic_buffer(answer), error);
  return answer;
}

std::uint16_t free_port() {
  asio::io_context context;
  return tcp::acceptor(context, at(0)).local_endpoint().port();
}

}  // namespace copybridge::support
