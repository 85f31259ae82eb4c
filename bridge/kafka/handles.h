// Owners of librdkafka's objects.
#pragma once

#include <librdkafka/rdkafka.h>

#include <memory>

namespace copybridge::kafka {

/// Calls librdkafka's own function at the end of an object's life.
template <auto kDestroy>
struct KafkaDestroy {
  template <typename T>
  void operator()(T* object) const {
    kDestroy(object);
  }
};

/// Comes before the end of a client that make_client has made: no token comes any more.
void leave_login(rd_kafka_t* client);

struct ClientDestroy {
  void operator()(rd_kafka_t* client) const {
    leave_login(client);
    rd_kafka_destroy(client);
  }
};

using ClientHandle = std::unique_ptr<rd_kafka_t, ClientDestroy>;
using ConfHandle = std::unique_ptr<rd_kafka_conf_t, KafkaDestroy<rd_kafka_conf_destroy>>;
using TopicHandle = std::unique_ptr<rd_kafka_topic_t, KafkaDestroy<rd_kafka_topic_destroy>>;
using HeadersHandle = std::unique_ptr<rd_kafka_headers_t, KafkaDestroy<rd_kafka_headers_destroy>>;
using QueueHandle = std::unique_ptr<rd_kafka_queue_t, KafkaDestroy<rd_kafka_queue_destroy>>;
using EventHandle = std::unique_ptr<rd_kafka_event_t, KafkaDestroy<rd_kafka_event_destroy>>;
using MessageHandle = std::unique_ptr<rd_kafka_message_t, KafkaDestroy<rd_kafka_message_destroy>>;
using ErrorHandle = std::unique_ptr<rd_kafka_error_t, KafkaDestroy<rd_kafka_error_destroy>>;
using NewTopicHandle =
    std::unique_ptr<rd_kafka_NewTopic_t, KafkaDestroy<rd_kafka_NewTopic_destroy>>;
using AdminOptionsHandle =
    std::unique_ptr<rd_kafka_AdminOptions_t, KafkaDestroy<rd_kafka_AdminOptions_destroy>>;
using MetadataHandle =
    std::unique_ptr<const rd_kafka_metadata_t, KafkaDestroy<rd_kafka_metadata_destroy>>;
using PartitionsHandle = std::unique_ptr<rd_kafka_topic_partition_list_t,
                                         KafkaDestroy<rd_kafka_topic_partition_list_destroy>>;

}  // namespace copybridge::kafka
