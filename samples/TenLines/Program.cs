using System.Security.Claims;
using Holdfast.Client;
using TenLines;

var builder = WebApplication.CreateBuilder(args);
builder.AddHoldfast();
var app = builder.Build();
app.MapHoldfast();
app.MapGet("/", (ClaimsPrincipal user) => Pages.Home(user.Holdfast()));
app.MapGet("/orders", (ClaimsPrincipal user) => Pages.Orders(user.Holdfast()!)).RequireHoldfast();
app.MapGet("/payouts", (ClaimsPrincipal user) => Pages.Payouts(user.Holdfast()!)).RequireHoldfast(secondFactor: true, maxAge: TimeSpan.FromMinutes(10));
app.Run();
