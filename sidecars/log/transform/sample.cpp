// A part of the records, always the same part.
#include <cmath>
#include <optional>

#include "sidecars/log/hash.hpp"
#include "sidecars/log/transform/field_transforms.hpp"
#include "sidecars/log/transform/number.hpp"

namespace tandem::shipper {
namespace {

class Sample final : public Transform {
 public:
  Sample(double rate, std::string by, const std::string& name)
      : every_(rate >= 1),
        below_(static_cast<std::uint64_t>(std::ldexp(rate < 1 ? rate : 0, 64))),
        by_(std::move(by)),
        salt_(hash64(name)) {}

  bool apply(Event& event) override {
    if (every_) return true;
    const Field* const field = by_.empty() ? nullptr : event.find(by_);
    // Salted by the transform's name: one that follows another decides anew.
    const std::uint64_t words[] = {salt_, field ? hash64(field->text) : event.file.high, field ? 0 : event.file.low,
                                   field ? 0 : event.offset, field ? 0 : event.piece};
    return hash64({reinterpret_cast<const char*>(words), sizeof words}) < below_;
  }

 private:
  bool every_;
  std::uint64_t below_;
  std::string by_;
  std::uint64_t salt_;
};

// "0.1", "1/10".
std::optional<double> parse_rate(std::string_view text) {
  const std::size_t slash = text.find('/');
  const auto share = parse_number(text.substr(0, slash));
  if (!share || share->as_double() < 0) return std::nullopt;
  if (slash == std::string_view::npos)
    return share->as_double() <= 1 ? std::optional(share->as_double()) : std::nullopt;
  const auto of = parse_number(text.substr(slash + 1));
  if (!of || of->as_double() < 1 || share->as_double() > of->as_double() || !std::isfinite(of->as_double()))
    return std::nullopt;
  return share->as_double() / of->as_double();
}

MakeTransform read_sample(Reader& item) {
  const Node* const node = item.node("rate");
  const std::string by = item.string("by");
  const auto rate = node && node->is_scalar() ? parse_rate(node->text) : std::nullopt;
  if (!rate) {
    item.problem(node ? "rate" : "", node ? "a rate from 0 to 1 is wanted" : "the field \"rate\" is missing",
                 "one record in ten is 0.1 or \"1/10\"");
    return {};
  }
  return
      [rate = *rate, by](const TransformContext& context) { return std::make_unique<Sample>(rate, by, context.name); };
}

}  // namespace

TransformType sample_transform() {
  return {"sample",
          {{"rate", "number", "", "sample: the part of the records that goes on: 0.1, or \"1/10\"."},
           {"by", "field", "",
            "sample: all records with the same value go on or none (a trace's id); absent, or where the field is "
            "missing, each record is decided by itself. The same record is always decided the same way, after a crash "
            "too."}},
          read_sample};
}

}  // namespace tandem::shipper
