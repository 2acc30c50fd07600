using Holdfast.Storage;

namespace Holdfast.Web;

/// <summary>For whoever runs the server: is the process alive, and can it serve. Says no more than that (ASVS 13.4.5).</summary>
public static class Health
{
    public static void Map(IEndpointRouteBuilder app)
    {
        var open = new OpenToAllAttribute();
        app.MapGet("/health/live", () => Results.Text("alive")).WithMetadata(open).ExcludeFromDescription();
        app.MapGet("/health/ready", async (Db db, ILogger<Db> logger) =>
        {
            try
            {
                await db.Read(tx => tx.Count("SELECT COUNT(*) FROM server_facts")).WaitAsync(TimeSpan.FromSeconds(3));
                return Results.Text("ready");
            }
            catch (Exception error)
            {
                logger.LogWarning("Not ready: {Problem}", error.Message);
                return Results.Text("not ready", statusCode: StatusCodes.Status503ServiceUnavailable);
            }
        }).WithMetadata(open).ExcludeFromDescription();
    }
}
