// One line per component.
#include "bridge/components/components.h"

#include <array>

#include "adapters/amqp/amqp_adapter.h"
#include "adapters/file/file_adapter.h"
#include "adapters/ftp/ftp_adapter.h"
#include "adapters/http/http_adapter.h"
#include "adapters/ibm_mq/ibm_mq_adapter.h"
#include "adapters/ibm_mq_rest/rest_adapter.h"
#include "adapters/kafka/kafka_adapter.h"
#include "adapters/kernel_queue/kernel_queue_adapters.h"
#include "adapters/odbc_outbox/outbox_adapter.h"
#include "adapters/stomp/stomp_adapter.h"
#include "adapters/tcp/tcp_adapter.h"
#include "adapters/zeromq/zeromq_adapter.h"
#include "adapters/zosmf/zosmf_adapter.h"
#include "bridge/publishers/amqp_publisher.h"
#include "bridge/publishers/aws/aws_publishers.h"
#include "bridge/publishers/azure/azure_publishers.h"
#include "bridge/publishers/file_publisher.h"
#include "bridge/publishers/gcp/gcp_publishers.h"
#include "bridge/publishers/http_publisher.h"
#include "bridge/publishers/ibm_mq_publisher.h"
#include "bridge/publishers/ibm_mq_rest_publisher.h"
#include "bridge/publishers/kafka_publisher.h"
#include "bridge/publishers/mqtt_publisher.h"
#include "bridge/publishers/nats_publisher.h"
#include "bridge/publishers/odbc_outbox_publisher.h"
#include "bridge/publishers/rabbitmq_publisher.h"
#include "bridge/publishers/redis_publisher.h"
#include "bridge/publishers/remote_file_publisher.h"
#include "bridge/publishers/stdout_publisher.h"
#include "bridge/publishers/stomp_publisher.h"
#include "bridge/publishers/tcp_publisher.h"
#include "bridge/publishers/zeromq_publisher.h"

namespace copybridge::components {

std::span<const adapters::AdapterKind* const> adapter_kinds() {
  static constexpr std::array kKinds = {
      &adapters::kAmqpAdapter,   &adapters::kFileAdapter,       &adapters::kFtpAdapter,
      &adapters::kHttpAdapter,   &adapters::kIbmMqAdapter,      &adapters::kIbmMqRestAdapter,
      &adapters::kKafkaAdapter,  &adapters::kOdbcOutboxAdapter, &adapters::kPosixMqAdapter,
      &adapters::kStompAdapter,  &adapters::kSysvAdapter,       &adapters::kTcpAdapter,
      &adapters::kZeromqAdapter, &adapters::kZosmfAdapter};
  return kKinds;
}

std::span<const publishers::PublisherKind* const> publisher_kinds() {
  static constexpr std::array kKinds = {&publishers::kAmqpPublisher,
                                        &publishers::kAwsEventBridgePublisher,
                                        &publishers::kAwsKinesisPublisher,
                                        &publishers::kAwsS3Publisher,
                                        &publishers::kAwsSnsPublisher,
                                        &publishers::kAwsSqsPublisher,
                                        &publishers::kAzureApiManagementPublisher,
                                        &publishers::kAzureBlobPublisher,
                                        &publishers::kAzureCosmosPublisher,
                                        &publishers::kAzureEventGridPublisher,
                                        &publishers::kAzureEventHubsPublisher,
                                        &publishers::kAzureFunctionPublisher,
                                        &publishers::kAzureLogicAppPublisher,
                                        &publishers::kAzureQueuePublisher,
                                        &publishers::kAzureServiceBusPublisher,
                                        &publishers::kFilePublisher,
                                        &publishers::kFtpPublisher,
                                        &publishers::kGcpPubSubPublisher,
                                        &publishers::kGcpStoragePublisher,
                                        &publishers::kHttpPublisher,
                                        &publishers::kIbmMqPublisher,
                                        &publishers::kIbmMqRestPublisher,
                                        &publishers::kKafkaPublisher,
                                        &publishers::kMqttPublisher,
                                        &publishers::kNatsPublisher,
                                        &publishers::kOdbcOutboxPublisher,
                                        &publishers::kRabbitMqPublisher,
                                        &publishers::kRedisStreamPublisher,
                                        &publishers::kStdoutPublisher,
                                        &publishers::kStompPublisher,
                                        &publishers::kTcpPublisher,
                                        &publishers::kZeromqPublisher,
                                        &publishers::kZosmfPublisher};
  return kKinds;
}

}  // namespace copybridge::components
