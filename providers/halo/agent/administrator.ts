/** The role that makes an agent an administrator of Halo: Halo's own, under this name from the first day (its claim `isadmin`, which lists do not show). */
export const administratorRole = "Administrator";
