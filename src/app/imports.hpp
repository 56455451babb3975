#pragma once

#include "app/import_file.hpp"
#include "app/registrations.hpp"

#include <memory>
#include <optional>
#include <string>

namespace renkei::app {

/// A recognised file as its owner sees it: no secret.
struct RecognisedImport {
    std::string handle;  ///< names it in the second step; good for an hour, once, in this workspace
    ImportKind kind = ImportKind::office_calendar_json;
    std::string connector;  ///< to which it probably belongs
    std::string cloud;
    std::string tenant;
    std::string client_id;
    std::string suggested_name;
    std::optional<oauth::CertificateFacts> certificate;
    std::vector<std::string> needs;  ///< fields that the second step must be given: the file does not have them
    TimePoint expires_at;
};

/// The second step: what is to become of it. Fields that are given replace those of the file.
struct RegisterImport {
    std::string handle;
    std::optional<core::Name> registration{};  ///< an existing one: the credential becomes its newest
    std::optional<core::Name> name{};          ///< of a new one
    std::string connector{};
    std::string cloud{};
    std::string tenant{};
    std::string client_id{};
    std::optional<core::AssertionAlgorithm> assertion_algorithm{};  ///< of a certificate; nothing: PS256
};

/// Drop-anything import in two steps: a file is recognised and checked, its secret sealed; then it becomes a client registration
/// or a new credential of one. The secret is never shown.
class Imports {
public:
    struct Needs {
        Store& store;
        Vault& vault;
        const Catalog& catalog;
        Clock& clock;
        Random& random;
        asio::thread_pool& pool;
        Registrations& registrations;
    };
    explicit Imports(Needs needs) : n_(needs) {}

    /// Errors: as recognise_file; vault_locked.
    Task<Result<RecognisedImport>> recognise(By by, Secret content, Secret password);
    /// What was recognised, again: without the facts of its certificate. gone as below.
    Task<Result<RecognisedImport>> look(By by, std::string handle);
    /// gone when the handle was used, has expired or never was. Else as Registrations::create and add_credential.
    Task<Result<core::ClientRegistration>> put(By by, RegisterImport wanted);

private:
    struct Kept;
    Task<Result<Kept>> find(By by, std::string handle);
    Task<Result<RecognisedImport>> keep(By by, std::shared_ptr<ImportedFile> file);
    RecognisedImport described(const ImportedFile& file) const;

    Needs n_;
};

}  // namespace renkei::app
