// What a client that does nothing else sends in the same time: lines of a file, as they are, to
// Kafka with librdkafka's own loop or to an endpoint with a curl multi loop. tools/bench-delivery
// compares the bridge with it.
//
//   bare_client kafka BROKERS TOPIC FILE
//   bare_client http URL EVENTS_PER_REQUEST REQUESTS_IN_FLIGHT FILE
//   bare_client replay URL REQUESTS_IN_FLIGHT RECORDING    requests that recording_proxy.py kept
//
// Or what it reads: `kafka-load` sends records of so many bytes, `kafka-read` polls and commits.
//
//   bare_client kafka-load BROKERS TOPIC RECORD_SIZE FILE
//   bare_client kafka-read BROKERS TOPIC GROUP RECORDS RECORDS_PER_COMMIT
#include <curl/curl.h>
#include <librdkafka/rdkafka.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace {

constexpr std::string_view kContentType = "application/cloudevents+json";
constexpr int kPollMs = 100;
constexpr int kFlushMs = 60'000;

[[noreturn]] void give_up(const std::string& why) {
  std::fprintf(stderr, "bare_client: %s\n", why.c_str());
  std::exit(1);
}

std::string read(const std::string& path) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  std::string text(static_cast<std::size_t>(std::max<std::streamoff>(file.tellg(), 0)), ' ');
  file.seekg(0);
  if (!file.read(text.data(), static_cast<std::streamsize>(text.size()))) give_up(path);
  return text;
}

std::vector<std::string_view> lines_of(const std::string& text) {
  std::vector<std::string_view> lines;
  for (std::size_t from = 0; from < text.size();) {
    const std::size_t end = std::min(text.find('\n', from), text.size());
    lines.push_back(std::string_view(text).substr(from, end - from));
    from = end + 1;
  }
  return lines;
}

std::size_t confirmed = 0;

void on_report(rd_kafka_t*, const rd_kafka_message_t* message, void*) {
  if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) give_up(rd_kafka_err2str(message->err));
  ++confirmed;
}

void set(rd_kafka_conf_t* conf, const char* name, const char* value) {
  char text[512];
  if (rd_kafka_conf_set(conf, name, value, text, sizeof text) != RD_KAFKA_CONF_OK) give_up(text);
}

std::vector<std::string_view> pieces_of(const std::string& text, std::size_t size) {
  std::vector<std::string_view> pieces;
  for (std::size_t from = 0; from + size <= text.size(); from += size)
    pieces.push_back(std::string_view(text).substr(from, size));
  return pieces;
}

void read_from_kafka(const char* brokers, const char* topic, const char* group, std::size_t records,
                     std::size_t unit) {
  rd_kafka_conf_t* const conf = rd_kafka_conf_new();
  set(conf, "bootstrap.servers", brokers);
  set(conf, "group.id", group);
  set(conf, "enable.auto.commit", "false");
  set(conf, "auto.offset.reset", "earliest");
  char error[512];
  rd_kafka_t* const consumer = rd_kafka_new(RD_KAFKA_CONSUMER, conf, error, sizeof error);
  if (consumer == nullptr) give_up(error);
  rd_kafka_poll_set_consumer(consumer);
  rd_kafka_topic_partition_list_t* const topics = rd_kafka_topic_partition_list_new(1);
  rd_kafka_topic_partition_list_add(topics, topic, RD_KAFKA_PARTITION_UA);
  if (rd_kafka_subscribe(consumer, topics) != RD_KAFKA_RESP_ERR_NO_ERROR) give_up("subscribe");
  rd_kafka_topic_partition_list_destroy(topics);
  while (confirmed < records) {
    rd_kafka_message_t* const message = rd_kafka_consumer_poll(consumer, kPollMs);
    if (message == nullptr) continue;
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) give_up(rd_kafka_message_errstr(message));
    rd_kafka_message_destroy(message);
    if (++confirmed % unit != 0 && confirmed < records) continue;
    const rd_kafka_resp_err_t code = rd_kafka_commit(consumer, nullptr, 0);
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) give_up(rd_kafka_err2str(code));
  }
  rd_kafka_consumer_close(consumer);
  rd_kafka_destroy(consumer);
}

/// The key that the bridge gives this event: what its line has as partitionkey; none without.
std::string_view key_of(std::string_view line) {
  constexpr std::string_view kName = "\"partitionkey\":\"";
  const std::size_t at = line.find(kName);
  if (at == std::string_view::npos) return {};
  const std::size_t begin = at + kName.size();
  return line.substr(begin, line.find('"', begin) - begin);
}

void send_to_kafka(const char* brokers, const char* topic,
                   const std::vector<std::string_view>& messages) {
  rd_kafka_conf_t* const conf = rd_kafka_conf_new();
  set(conf, "bootstrap.servers", brokers);
  // The promises of the bridge's producer.
  set(conf, "enable.idempotence", "true");
  set(conf, "acks", "all");
  set(conf, "partitioner", "murmur2_random");
  rd_kafka_conf_set_dr_msg_cb(conf, on_report);
  char error[512];
  rd_kafka_t* const producer = rd_kafka_new(RD_KAFKA_PRODUCER, conf, error, sizeof error);
  if (producer == nullptr) give_up(error);
  for (const std::string_view line : messages) {
    const std::string_view key = key_of(line);
    for (;;) {
      const rd_kafka_resp_err_t code = rd_kafka_producev(
          producer, RD_KAFKA_V_TOPIC(topic),
          RD_KAFKA_V_VALUE(const_cast<char*>(line.data()), line.size()),
          RD_KAFKA_V_KEY(key.data(), key.size()),
          RD_KAFKA_V_HEADER("content-type", kContentType.data(), kContentType.size()),
          RD_KAFKA_V_END);
      if (code == RD_KAFKA_RESP_ERR_NO_ERROR) break;
      if (code != RD_KAFKA_RESP_ERR__QUEUE_FULL) give_up(rd_kafka_err2str(code));
      rd_kafka_poll(producer, kPollMs);
    }
    rd_kafka_poll(producer, 0);
  }
  if (rd_kafka_flush(producer, kFlushMs) != RD_KAFKA_RESP_ERR_NO_ERROR) give_up("not all went out");
  rd_kafka_destroy(producer);
}

/// JSON arrays of so many lines each.
std::vector<std::string> bodies_of(const std::string& text, std::size_t events) {
  std::vector<std::string> bodies;
  std::size_t in_body = events;
  for (const std::string_view line : lines_of(text)) {
    if (in_body == events) {
      bodies.emplace_back("[");
      in_body = 0;
    }
    if (in_body++ > 0) bodies.back() += ',';
    bodies.back().append(line);
  }
  return bodies;
}

std::size_t discard(char*, std::size_t size, std::size_t count, void*) { return size * count; }

/// One request; handles for it are made once and used again.
struct HttpRequest {
  std::string url;
  std::vector<std::string> headers;
  std::string_view body;
  std::string method = "POST";
};

struct Handle {
  CURL* easy = nullptr;
  curl_slist* headers = nullptr;
};

void begin(CURLM* multi, Handle& handle, const HttpRequest& request) {
  curl_slist_free_all(handle.headers);
  handle.headers = nullptr;
  for (const std::string& line : request.headers)
    handle.headers = curl_slist_append(handle.headers, line.c_str());
  curl_easy_setopt(handle.easy, CURLOPT_URL, request.url.c_str());
  curl_easy_setopt(handle.easy, CURLOPT_CUSTOMREQUEST, request.method.c_str());
  curl_easy_setopt(handle.easy, CURLOPT_HTTPHEADER, handle.headers);
  curl_easy_setopt(handle.easy, CURLOPT_WRITEFUNCTION, discard);
  curl_easy_setopt(handle.easy, CURLOPT_PRIVATE, static_cast<void*>(&handle));
  curl_easy_setopt(handle.easy, CURLOPT_POSTFIELDS, request.body.data());
  curl_easy_setopt(handle.easy, CURLOPT_POSTFIELDSIZE_LARGE,
                   static_cast<curl_off_t>(request.body.size()));
  curl_multi_add_handle(multi, handle.easy);
}

void send_all(const std::vector<HttpRequest>& requests, std::size_t in_flight) {
  CURLM* const multi = curl_multi_init();
  std::vector<Handle> handles(std::min(in_flight, requests.size()));
  std::size_t next = 0;
  int running = 0;
  for (Handle& handle : handles) {
    handle.easy = curl_easy_init();
    begin(multi, handle, requests[next++]);
  }
  for (std::size_t done = 0; done < requests.size();) {
    curl_multi_perform(multi, &running);
    int left = 0;
    while (CURLMsg* const message = curl_multi_info_read(multi, &left)) {
      long status = 0;
      Handle* handle = nullptr;
      curl_easy_getinfo(message->easy_handle, CURLINFO_RESPONSE_CODE, &status);
      curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &handle);
      if (status / 100 != 2) give_up("the endpoint answers " + std::to_string(status));
      ++done;
      curl_multi_remove_handle(multi, handle->easy);
      if (next < requests.size()) begin(multi, *handle, requests[next++]);
    }
    if (done < requests.size()) curl_multi_poll(multi, nullptr, 0, kPollMs, nullptr);
  }
}

void send_to_endpoint(const std::string& url, std::size_t events, std::size_t in_flight,
                      const std::string& text) {
  std::vector<std::string> bodies = bodies_of(text, events);
  std::vector<HttpRequest> requests;
  for (std::string& body : bodies) {
    body += ']';
    requests.push_back({url, {"Content-Type: application/cloudevents-batch+json"}, body});
  }
  send_all(requests, in_flight);
  confirmed = lines_of(text).size();
}

/// What recording_proxy.py has kept.
std::vector<HttpRequest> recorded(std::string_view text, const std::string& server) {
  std::vector<HttpRequest> requests;
  const auto take = [&](std::size_t size) {
    const std::string_view taken = text.substr(0, size);
    text.remove_prefix(size + 1);
    return taken;
  };
  while (!text.empty()) {
    std::istringstream line{std::string(take(text.find('\n')))};
    std::string method;
    std::string path;
    std::size_t headers = 0;
    std::size_t size = 0;
    if (!(line >> method >> path >> headers >> size)) give_up("a recording that is none");
    HttpRequest request{server + path, {"Accept:", "Expect:"}, {}, method};
    for (std::size_t i = 0; i < headers; ++i) request.headers.emplace_back(take(text.find('\n')));
    request.body = take(size);
    requests.push_back(std::move(request));
  }
  return requests;
}

}  // namespace

int main(int count, char** arguments) {
  const std::vector<std::string> words(arguments + 1, arguments + count);
  const auto is = [&](std::string_view mode, std::size_t size) {
    return words.size() == size && words[0] == mode;
  };
  if (is("kafka", 4)) {
    const std::string text = read(words[3]);
    send_to_kafka(words[1].c_str(), words[2].c_str(), lines_of(text));
  } else if (is("kafka-load", 5)) {
    const std::string text = read(words[4]);
    send_to_kafka(words[1].c_str(), words[2].c_str(), pieces_of(text, std::stoul(words[3])));
  } else if (is("kafka-read", 6)) {
    read_from_kafka(words[1].c_str(), words[2].c_str(), words[3].c_str(), std::stoul(words[4]),
                    std::stoul(words[5]));
  } else if (is("http", 5)) {
    send_to_endpoint(words[1], std::stoul(words[2]), std::stoul(words[3]), read(words[4]));
  } else if (is("replay", 4)) {
    const std::string text = read(words[3]);
    const std::vector<HttpRequest> requests = recorded(text, words[1]);
    send_all(requests, std::stoul(words[2]));
    confirmed = requests.size();
  } else {
    give_up("see the top of its source");
  }
  std::printf("%zu\n", confirmed);
}
