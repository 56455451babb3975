#include "sandbox/login/aadsts.hpp"

// Numbers and meanings: https://learn.microsoft.com/entra/identity-platform/reference-error-codes

namespace renkei::sandbox {
namespace {

constexpr std::string_view mfa_text =
    "Due to a configuration change made by your administrator, or because you moved to a new location, you must use multi-factor authentication.";

constexpr AadstsRow table[] = {
    // People and sessions.
    {16000, "interaction_required", 400, "", "The signed in user does not exist in this tenant; an account has to be selected."},
    {50020, "invalid_grant", 400, "", "User account from identity provider does not exist in tenant and cannot access the application in that tenant."},
    {50034, "invalid_grant", 400, "",
     "The user account does not exist in the directory. To sign into this application, the account must be added to the directory."},
    {50053, "invalid_grant", 400, "", "The account is locked, you've tried to sign in too many times with an incorrect user ID or password."},
    {50055, "invalid_grant", 400, "user_password_expired", "The password is expired."},
    {50057, "invalid_grant", 400, "", "The user account is disabled."},
    {50058, "login_required", 400, "", "A silent sign-in request was sent but no user is signed in."},
    {50059, "invalid_request", 400, "", "No tenant-identifying information found in either the request or implied by any provided credentials."},
    {50072, "interaction_required", 400, "basic_action", mfa_text},
    {50074, "interaction_required", 400, "basic_action", "Strong Authentication is required."},
    {50076, "interaction_required", 400, "basic_action", mfa_text},
    {50078, "interaction_required", 400, "basic_action", "Presented multi-factor authentication has expired due to policies configured by your administrator."},
    {50079, "interaction_required", 400, "basic_action", mfa_text},
    {50089, "invalid_grant", 400, "", "Authentication failed due to flow token expired."},
    {50105, "invalid_grant", 400, "", "The signed in user is not assigned to a role for the application."},
    {50126, "invalid_grant", 400, "", "Error validating credentials due to invalid username or password."},
    {50132, "invalid_grant", 400, "", "Session is not valid due to password expiration or recent password change."},
    {50133, "invalid_grant", 400, "", "Session is not valid due to password expiration or recent password change."},
    {50158, "interaction_required", 400, "basic_action", "External security challenge not satisfied."},
    {50173, "invalid_grant", 400, "bad_token",
     "The provided grant has expired due to it being revoked, a fresh auth token is needed. The user might have changed or reset their password."},
    {51004, "invalid_grant", 400, "", "The user account does not exist in the directory."},
    {53000, "interaction_required", 400, "message_only", "Device is not in required device state: not compliant."},
    {53001, "interaction_required", 400, "message_only", "Device is not in required device state: not domain joined."},
    {53002, "interaction_required", 400, "message_only", "Application used is not an approved application for Conditional Access."},
    {53004, "interaction_required", 400, "message_only", "User needs to complete multi-factor authentication registration before accessing this content."},
    {530032, "interaction_required", 400, "message_only", "User blocked due to risk on home tenant, or by the tenant's security policy."},
    {530034, "interaction_required", 400, "message_only", "A delegated administrator was blocked from accessing the tenant due to account risk."},
    {530035, "interaction_required", 400, "message_only", "Access has been blocked by security defaults."},
    {53003, "interaction_required", 400, "message_only",
     "Access has been blocked by Conditional Access policies. The access policy does not allow token issuance."},
    {70043, "invalid_grant", 400, "token_expired", "The refresh token has expired or is invalid due to sign-in frequency checks by conditional access."},
    // Consent and application presence.
    {65001, "invalid_grant", 400, "consent_required",
     "The user or administrator has not consented to use the application. Send an interactive authorization request for this user and resource."},
    {65004, "access_denied", 400, "", "User declined to consent to access the app."},
    {65005, "invalid_resource", 400, "", "The application required resource access list does not contain applications discoverable by the resource."},
    {650052, "invalid_client", 401, "", "The app needs access to a service that your organization has not subscribed to or enabled."},
    {90094, "access_denied", 400, "", "An administrator must grant permissions to this application."},
    {500011, "invalid_resource", 400, "", "The resource principal was not found in the tenant."},
    {700016, "unauthorized_client", 400, "",
     "Application was not found in the directory. This can happen if the application has not been installed by the administrator of the tenant or "
     "consented to by any user in the tenant. You may have sent your authentication request to the wrong tenant."},
    {7000112, "unauthorized_client", 400, "", "Application is disabled."},
    {50194, "invalid_request", 400, "",
     "Application is not configured as a multi-tenant application. Usage of the /common endpoint is not supported for such apps."},
    // Credentials of the application.
    {50027, "invalid_client", 401, "", "JWT token is invalid or malformed."},
    {5002727, "invalid_request", 400, "", "Invalid JWT header type specified. Allowed types: 'JWT', 'http://openid.net/specs/jwt/1.0'."},
    {700021, "invalid_client", 401, "", "Client assertion application identifier does not match 'client_id' parameter."},
    {700023, "invalid_client", 401, "", "Client assertion audience claim does not match Realm issuer."},
    {700024, "invalid_client", 401, "", "Client assertion is not within its valid time range."},
    {700025, "invalid_client", 401, "", "Client is public so neither 'client_assertion' nor 'client_secret' should be presented."},
    {700027, "invalid_client", 401, "",
     "The certificate with identifier used to sign the client assertion is not registered on application, or its signature is invalid."},
    {7000215, "invalid_client", 401, "",
     "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID."},
    {7000216, "invalid_client", 401, "", "'client_assertion', 'client_secret' or 'request' is required for the 'client_credentials' grant type."},
    {7000218, "invalid_client", 401, "", "The request body must contain the following parameter: 'client_assertion' or 'client_secret'."},
    {7000222, "invalid_client", 401, "", "The provided client secret keys are expired. Create new keys for your app."},
    {9002326, "invalid_request", 400, "", "Cross-origin token redemption is permitted only for the 'Single-Page Application' client-type."},
    {9002327, "invalid_request", 400, "", "Tokens issued for the 'Single-Page Application' client-type may only be redeemed via cross-origin requests."},
    // Codes, refresh tokens, PKCE.
    {54005, "invalid_grant", 400, "", "OAuth2 Authorization code was already redeemed, please retry with a new valid code or use an existing refresh token."},
    {70000, "invalid_grant", 400, "", "Provided grant is invalid or malformed."},
    {70008, "invalid_grant", 400, "",
     "The provided authorization code or refresh token has expired due to inactivity. Send a new interactive authorization request for this user and "
     "resource."},
    {700005, "invalid_grant", 400, "", "Provided Authorization Code is intended to use against other tenant, thus rejected."},
    {700082, "invalid_grant", 400, "bad_token", "The refresh token has expired due to inactivity."},
    {700084, "invalid_grant", 400, "bad_token",
     "The refresh token was issued to a single page app (SPA), and therefore has a fixed, limited lifetime, which can't be extended."},
    {50148, "invalid_grant", 400, "", "The code_verifier does not match the code_challenge supplied in the authorization request for PKCE."},
    {50147, "invalid_request", 400, "", "Missing or invalid code challenge."},
    {501481, "invalid_grant", 400, "", "The Code_Verifier does not match the code_challenge supplied in the authorization request."},
    {501491, "invalid_request", 400, "", "Invalid size of Code_Challenge parameter."},
    {9002313, "invalid_request", 400, "", "Invalid request. Request is malformed or invalid."},
    {9000411, "invalid_request", 400, "", "The request is not properly formatted. A parameter is duplicated."},
    // Requests.
    {28000, "invalid_scope", 400, "", "Provided value for the input parameter scope is not valid because it contains more than one resource."},
    {28003, "invalid_request", 400, "",
     "Provided value for the input parameter scope cannot be empty when requesting an access token using the provided authorization code."},
    {50011, "invalid_client", 401, "", "The redirect URI specified in the request does not match the redirect URIs configured for the application."},
    {500112, "invalid_client", 401, "", "The reply address does not match the reply address provided when requesting Authorization code."},
    {70001, "unauthorized_client", 400, "", "The application is disabled or does not exist."},
    {70003, "unsupported_grant_type", 400, "", "The app requested an unsupported grant type."},
    {700054, "unsupported_response_type", 400, "", "response_type 'id_token' is not enabled for the application."},
    {70005, "unsupported_response_type", 400, "", "The app requested an unsupported response type."},
    {70007, "unsupported_response_type", 400, "", "The app returned an unsupported value of 'response_mode' when requesting a token."},
    {70011, "invalid_scope", 400, "", "The provided value for the input parameter 'scope' is not valid."},
    {1002012, "invalid_scope", 400, "",
     "The provided value for scope is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier "
     "(application ID URI)."},
    {90002, "invalid_request", 400, "", "Tenant not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud."},
    // Another national cloud. Which `error` comes with them is not documented.
    {90038, "invalid_request", 400, "", "The tenant in the request belongs to another national cloud."},
    {90043, "invalid_request", 400, "", "The request was sent to the wrong national cloud."},
    {900382, "invalid_request", 400, "", "Confidential Client is not supported in Cross Cloud request."},
    {900432, "invalid_request", 400, "", "Confidential Client is not supported in Cross Cloud request."},
    {1000104, "invalid_request", 400, "", "The request belongs to another national cloud."},
    {900144, "invalid_request", 400, "", "The request body must contain the required parameter."},
    {900561, "invalid_request", 400, "", "The endpoint only accepts POST requests. Received a GET request."},
    {900971, "invalid_request", 400, "", "No reply address provided."},
    {901002, "invalid_request", 400, "", "The 'resource' request parameter is not supported."},
    {9001023, "invalid_request", 400, "",
     "The grant type is not supported over the /common or /consumers endpoints. Please use the /organizations or tenant-specific endpoint."},
    {50049, "invalid_instance", 400, "", "Unknown or invalid instance."},
    // Device flow.
    {70016, "authorization_pending", 400, "", "OAuth 2.0 device flow error. Authorization is pending. Continue polling."},
    {70018, "bad_verification_code", 400, "", "Invalid verification code."},
    {70019, "expired_token", 400, "", "Verification code expired."},
    {70020, "authorization_declined", 400, "", "The end user denied the authorization request."},
    // Passing faults.
    {50033, "temporarily_unavailable", 503, "", "A transient error has occurred. Please try again."},
    {50196, "invalid_grant", 400, "", "The server terminated an operation because it encountered a client request loop. Please contact your app vendor."},
    {90006, "server_error", 500, "", "An external server hit a retryable error. Please try again."},
    {90033, "temporarily_unavailable", 503, "", "A transient error has occurred. Please try again."},
    {90055, "temporarily_unavailable", 429, "", "Too many requests to this tenant."},
    {50000, "server_error", 500, "", "There was an error issuing a token or an issue with our sign-in service."},
};

constexpr AadstsRow unknown{50000, "server_error", 500, "", "There was an error issuing a token."};

}  // namespace

const AadstsRow& aadsts_row(int code) {
    for (const auto& row : table)
        if (row.code == code) return row;
    return unknown;
}

}  // namespace renkei::sandbox
