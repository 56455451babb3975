#include "adapters/providers/catalog_loader.hpp"

#include "adapters/providers/catalog_embedded.hpp"
#include "base/encoding.hpp"
#include "base/uri.hpp"

#include <algorithm>
#include <fstream>
#include <map>
#include <sstream>

namespace renkei::providers {
namespace {

class LoadedCatalog final : public app::Catalog {
public:
    const app::Manifest* find(std::string_view key) const override {
        const auto found = manifests_.find(key);
        return found == manifests_.end() ? nullptr : &found->second;
    }
    std::vector<const app::Manifest*> all() const override {
        std::vector<const app::Manifest*> out;
        for (const auto& [key, manifest] : manifests_) out.push_back(&manifest);
        return out;
    }
    Result<void> add(std::string_view file, std::string_view text) {
        auto manifest = parse_manifest(file, text);
        if (!manifest) return propagate(manifest);
        const auto key = manifest->key;
        if (!manifests_.emplace(key, *std::move(manifest)).second)
            return fail(
                Error{Errc::invalid_field, std::string(file) + ": key: `" + key + "` is a connector already", {{"file", std::string(file)}, {"field", "key"}}});
        return {};
    }
    Result<void> change(const CloudOverride& change) {
        const auto found = manifests_.find(change.connector);
        if (found == manifests_.end()) return bad_field("connector", "there is no connector `" + change.connector + "` whose hosts could be replaced");
        return apply_override(found->second, change);
    }

private:
    std::map<std::string, app::Manifest, std::less<>> manifests_;
};

constexpr std::uintmax_t largest_manifest = 1u << 20;

Result<void> add_folder(LoadedCatalog& catalog, const std::filesystem::path& folder) {
    std::error_code ec;
    std::vector<std::filesystem::path> files;
    for (std::filesystem::directory_iterator at(folder, ec), end; !ec && at != end; at.increment(ec))
        if (at->path().extension() == ".json" && at->path().filename() != "schema.json") files.push_back(at->path());
    if (ec) return bad_field("catalog_folder", "the folder of connector manifests cannot be read: " + folder.string());
    std::ranges::sort(files);  // the first problem is the same one on every machine
    for (const auto& path : files) {
        const auto name = path.filename().string();
        const auto size = std::filesystem::file_size(path, ec);
        std::ifstream in(path, std::ios::binary);
        if (ec || !in || size > largest_manifest) return bad_field("catalog_folder", name + ": cannot be read, or is larger than 1 MiB");
        std::ostringstream text;
        text << in.rdbuf();
        if (auto added = catalog.add(name, text.view()); !added) return added;
    }
    return {};
}

Result<Uri> parse_base(std::string_view text, std::string_view field) {
    auto uri = Uri::parse(text);
    if (!uri) return bad_field(field, "`" + std::string(field) + "`: " + uri.error().detail);
    if (uri->scheme != "https") return bad_field(field, "`" + std::string(field) + "` must begin with https://: secrets and tokens go there");
    if (!uri->query.empty()) return bad_field(field, "`" + std::string(field) + "` must not have a query");
    return uri;
}

// Keeps path and {tenant} of an endpoint and replaces what stands before them.
void move_to(std::string& endpoint, const std::string& origin) {
    if (endpoint.empty()) return;
    const auto path = endpoint.find('/', endpoint.find("://") + 3);
    endpoint = origin + (path == endpoint.npos ? std::string() : endpoint.substr(path));
}

}  // namespace

Result<void> apply_override(app::Manifest& manifest, const CloudOverride& change) {
    auto cloud = std::ranges::find_if(manifest.clouds, [&](const app::CloudFacts& facts) { return facts.key == change.cloud || change.cloud.empty(); });
    if (cloud == manifest.clouds.end()) return bad_field("cloud", "the connector `" + manifest.key + "` has no cloud `" + change.cloud + "`");
    if (!change.authority_base.empty()) {
        const auto base = parse_base(change.authority_base, "authority_base");
        if (!base) return fail(base.error());
        if (base->path != "/") return bad_field("authority_base", "`authority_base` must not have a path");
        for (auto* endpoint : {&cloud->authorization_endpoint, &cloud->token_endpoint, &cloud->device_authorization_endpoint, &cloud->issuer})
            move_to(*endpoint, base->origin());
    }
    if (!change.api_base.empty()) {
        auto base = parse_base(change.api_base, "api_base");
        if (!base) return fail(base.error());
        if (base->path == "/")
            move_to(cloud->api_base, base->origin());
        else
            cloud->api_base = base->origin() + base->path;
        while (cloud->api_base.ends_with('/')) cloud->api_base.pop_back();
        // The token follows the API and goes nowhere else.
        cloud->token_hosts = {base->origin().substr(std::string_view("https://").size())};
    }
    return {};
}

Result<std::unique_ptr<app::Catalog>> load_catalog(const CatalogSettings& settings) {
    auto catalog = std::make_unique<LoadedCatalog>();
    for (const auto& [file, text] : embedded_manifests())
        if (auto added = catalog->add(file, text); !added) return propagate(added);
    if (settings.folder)
        if (auto added = add_folder(*catalog, *settings.folder); !added) return propagate(added);
    for (const auto& change : settings.overrides)
        if (auto changed = catalog->change(change); !changed) return propagate(changed);
    return std::unique_ptr<app::Catalog>(std::move(catalog));
}

}  // namespace renkei::providers
