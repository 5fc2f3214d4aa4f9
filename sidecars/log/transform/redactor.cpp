#include "sidecars/log/transform/redactor.hpp"

#include <algorithm>

#include "core/observe/utf8.hpp"
#include "sidecars/log/transform/keyed_hash.hpp"

namespace tandem::shipper {
namespace {

void append_utf8(std::string_view text, std::string& out) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = observe::utf8_length(text, at);
    out += length ? text.substr(at, length) : std::string_view("\xEF\xBF\xBD");
    at += std::max<std::size_t>(length, 1);
  }
}

}  // namespace

void Redactor::find(std::string_view text) {
  found_.clear();
  for (const auto& finder : finders_) {
    std::size_t at = 0;
    while (at < text.size()) {
      const auto secret = finder->find(text, at);
      if (!secret) break;
      found_.push_back({*secret, finder.get()});
      at = secret->end;
    }
  }
  if (found_.size() < 2) return;
  std::stable_sort(found_.begin(), found_.end(),
                   [](const Found& a, const Found& b) { return a.place.begin < b.place.begin; });
  std::size_t last = 0;
  for (std::size_t i = 1; i < found_.size(); ++i) {
    const Secret next = found_[i].place;
    Secret& before = found_[last].place;
    if (next.begin >= before.end) {
      found_[++last] = found_[i];
      continue;
    }
    const bool same = next.begin == before.begin && next.end == before.end;
    if (!same) found_[last].by = nullptr;
    before.end = std::max(before.end, next.end);
  }
  found_.resize(last + 1);
}

bool Redactor::redact(std::string_view text, std::string& out, std::size_t before, std::size_t behind) {
  out.clear();
  std::string_view all(text.data() - before, before + text.size() + behind);
  const bool wants_utf8 =
      std::any_of(finders_.begin(), finders_.end(), [](const auto& finder) { return finder->wants_utf8(); });
  std::size_t at = before, end = before + text.size();
  if (wants_utf8 && !observe::is_utf8(all)) {  // each by itself: what is cut in two is so in the other piece too
    utf8_.clear();
    append_utf8(all.substr(0, before), utf8_);
    at = utf8_.size();
    append_utf8(text, utf8_);
    end = utf8_.size();
    append_utf8(all.substr(before + text.size()), utf8_);
    all = utf8_;
  }
  find(all);
  bool any = false;
  for (const Found& found : found_) {
    if (found.place.end <= at || found.place.begin >= end) continue;
    any = true;
    const std::string_view secret = all.substr(found.place.begin, found.place.end - found.place.begin);
    if (found.place.begin > at) out += all.substr(at, found.place.begin - at);
    at = std::min(found.place.end, end);
    append_stand_in(found.by && replacement_.kind == Replacement::Kind::hash ? found.by->canonical(secret) : secret,
                    out);
  }
  if (any) out += all.substr(at, end - at);
  return any;
}

void Redactor::append_stand_in(std::string_view secret, std::string& out) const {
  out += replacement_.kind == Replacement::Kind::hash ? keyed_hash(replacement_.key, secret) : replacement_.text;
}

}  // namespace tandem::shipper
