using Holdfast.Storage;

namespace Holdfast.Features.OAuth;

/// <summary>A secret of an application: its keyed hash.</summary>
public sealed record ClientSecretRow
{
    public required string Id { get; init; }

    public required byte[] SecretHash { get; init; }

    public required string KeyId { get; init; }

    public DateTimeOffset MadeAt { get; init; }

    /// <summary>From when on it no longer serves; null for the newest.</summary>
    public DateTimeOffset? EndsAt { get; init; }
}

/// <summary>Every statement on applications and their secrets.</summary>
public static class ClientTable
{
    private const string Columns = "id, name, maker, first_party, confidential, redirects, sign_outs, scopes, resources, second_factor, logout_address, made_at, disabled_at";

    public static Task<OAuthClient?> ById(ReadTx tx, string id) => tx.One<OAuthClient>($"SELECT {Columns} FROM oauth_clients WHERE id = @id", new { id });

    public static Task<List<OAuthClient>> All(ReadTx tx) => tx.Many<OAuthClient>($"SELECT {Columns} FROM oauth_clients ORDER BY name, id");

    /// <returns>False when the id is taken.</returns>
    public static async Task<bool> Insert(WriteTx tx, OAuthClient client) => await tx.Execute(
        """
        INSERT INTO oauth_clients (id, name, maker, first_party, confidential, redirects, sign_outs, scopes, resources, second_factor, logout_address, made_at)
        VALUES (@Id, @Name, @Maker, @first, @confidential, @Redirects, @SignOuts, @Scopes, @Resources, @second, @LogoutAddress, @MadeAt)
        ON CONFLICT (id) DO NOTHING
        """, Args(client)) == 1;

    /// <summary>Changes all but whether it has a secret.</summary>
    /// <returns>False when there is none.</returns>
    public static async Task<bool> Update(WriteTx tx, OAuthClient client) => await tx.Execute(
        """
        UPDATE oauth_clients SET name = @Name, maker = @Maker, first_party = @first, redirects = @Redirects, sign_outs = @SignOuts, scopes = @Scopes, resources = @Resources, second_factor = @second, logout_address = @LogoutAddress
        WHERE id = @Id
        """, Args(client)) == 1;

    /// <returns>False when nothing changed.</returns>
    public static async Task<bool> Disable(WriteTx tx, string id, DateTimeOffset now) => await tx.Execute("UPDATE oauth_clients SET disabled_at = @now WHERE id = @id AND disabled_at IS NULL", new { id, now }) == 1;

    /// <returns>False when nothing changed.</returns>
    public static async Task<bool> Enable(WriteTx tx, string id) => await tx.Execute("UPDATE oauth_clients SET disabled_at = NULL WHERE id = @id AND disabled_at IS NOT NULL", new { id }) == 1;

    /// <returns>False when there is none.</returns>
    public static async Task<bool> Delete(WriteTx tx, string id)
    {
        await tx.Execute("DELETE FROM oauth_client_secrets WHERE client_id = @id", new { id });
        return await tx.Execute("DELETE FROM oauth_clients WHERE id = @id", new { id }) == 1;
    }

    /// <summary>Secrets that serve now, the newest first.</summary>
    public static Task<List<ClientSecretRow>> Secrets(ReadTx tx, string clientId, DateTimeOffset now) => tx.Many<ClientSecretRow>(
        "SELECT id, secret_hash, key_id, made_at, ends_at FROM oauth_client_secrets WHERE client_id = @clientId AND (ends_at IS NULL OR ends_at > @now) ORDER BY made_at DESC, id DESC", new { clientId, now });

    public static Task AddSecret(WriteTx tx, string clientId, ClientSecretRow row) => tx.Execute(
        "INSERT INTO oauth_client_secrets (client_id, id, secret_hash, key_id, made_at) VALUES (@clientId, @Id, @SecretHash, @KeyId, @MadeAt)", new { clientId, row.Id, row.SecretHash, row.KeyId, row.MadeAt });

    /// <summary>The newest serves on until <paramref name="endsAt"/>; what was before it is forgotten at once.</summary>
    public static async Task Retire(WriteTx tx, string clientId, DateTimeOffset endsAt)
    {
        await tx.Execute("DELETE FROM oauth_client_secrets WHERE client_id = @clientId AND ends_at IS NOT NULL", new { clientId });
        await tx.Execute("UPDATE oauth_client_secrets SET ends_at = @endsAt WHERE client_id = @clientId AND ends_at IS NULL", new { clientId, endsAt });
    }

    /// <summary>How many secrets hang on which key of the key file.</summary>
    public static Task<List<SecretsUnder>> SecretsByKey(ReadTx tx) => tx.Many<SecretsUnder>("SELECT key_id, COUNT(*) AS secrets FROM oauth_client_secrets GROUP BY key_id ORDER BY key_id");

    private static object Args(OAuthClient c) => new
    {
        c.Id, c.Name, c.Maker, first = c.FirstParty ? 1 : 0, confidential = c.Confidential ? 1 : 0, c.Redirects, c.SignOuts, c.Scopes, c.Resources, second = c.SecondFactor ? 1 : 0, c.LogoutAddress, c.MadeAt,
    };
}

public sealed record SecretsUnder
{
    public required string KeyId { get; init; }

    public long Secrets { get; init; }
}
