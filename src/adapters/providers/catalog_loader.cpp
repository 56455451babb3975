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
    /// Takes a file's text; what extends another connector is read when that one is there.
    void take(std::string file, std::string text) { files_.push_back({std::move(file), std::move(text)}); }
    /// Reads all files, first those that extend nothing.
    Result<void> read() {
        for (const bool extending : {false, true})
            for (const auto& file : files_)
                if (extended_by(file.text).empty() != extending)
                    if (auto added = add(file.name, file.text); !added) return added;
        files_.clear();
        return {};
    }
    Result<void> change(const CloudOverride& change) {
        const auto found = manifests_.find(change.connector);
        if (found == manifests_.end()) return bad_field("connector", "there is no connector `" + change.connector + "` whose hosts could be replaced");
        if (auto changed = apply_override(found->second, change); !changed) return changed;
        for (const auto& [key, base] : bases_)
            if (base == change.connector)
                // A cloud that the extending connector has not is none that could lead astray.
                if (auto& manifest = manifests_.at(key); has_cloud(manifest, change.cloud))
                    if (auto changed = apply_override(manifest, change); !changed) return changed;
        return {};
    }

private:
    struct File {
        std::string name, text;
    };
    static bool has_cloud(const app::Manifest& manifest, const std::string& cloud) {
        return cloud.empty() || std::ranges::find(manifest.clouds, cloud, &app::CloudFacts::key) != manifest.clouds.end();
    }
    Result<void> add(const std::string& file, const std::string& text) {
        const auto base = extended_by(text);
        const auto of_base = std::ranges::find(files_, base + ".json", &File::name);
        auto manifest = parse_manifest(file, text, base.empty() || of_base == files_.end() ? std::string_view() : std::string_view(of_base->text));
        if (!manifest) return propagate(manifest);
        const auto key = manifest->key;
        if (!manifests_.emplace(key, *std::move(manifest)).second)
            return fail(Error{Errc::invalid_field, file + ": key: `" + key + "` is a connector already", {{"file", file}, {"field", "key"}}});
        if (!base.empty()) bases_.emplace(key, base);
        return {};
    }

    std::vector<File> files_;
    std::map<std::string, std::string> bases_;  // key -> the connector that it extends
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
        catalog.take(name, text.str());
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
        for (auto* endpoint :
             {&cloud->authorization_endpoint, &cloud->token_endpoint, &cloud->device_authorization_endpoint, &cloud->issuer, &cloud->admin_consent_endpoint})
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
    for (const auto& [file, text] : embedded_manifests()) catalog->take(std::string(file), std::string(text));
    if (settings.folder)
        if (auto added = add_folder(*catalog, *settings.folder); !added) return propagate(added);
    if (auto read = catalog->read(); !read) return propagate(read);
    for (const auto& change : settings.overrides)
        if (auto changed = catalog->change(change); !changed) return propagate(changed);
    return std::unique_ptr<app::Catalog>(std::move(catalog));
}

}  // namespace renkei::providers
